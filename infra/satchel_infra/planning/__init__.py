"""The capacity plan: what N clouds need, how long it takes and what it costs, from one table of limits and prices.

    table = tables.shipped()
    plan = platforms.planner.make_plan(Request("cloudrun", users=1_000_000), table)
    print(report.as_text(plan, table))

Everything here is computed without the network. `simulation` plays the arrivals of a month.
"""
