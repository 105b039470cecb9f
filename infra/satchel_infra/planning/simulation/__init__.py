"""The arrivals of a month, played against one instance for each cloud.

    settings = Settings(users=10_000, weeks=4, seed=7)
    simulated = simulate(settings, table)
    simulated.total.cold_starts

A seed gives the same month again. Times are whole microseconds, so all sums are exact.
"""
