"""The cost of traffic to the internet, in tiers."""

from satchel_infra.planning.figures import Figure, beyond, smallest
from satchel_infra.planning.plans import Line, cost
from satchel_infra.planning.tables import Table


def sent(table: Table, gib: Figure) -> list[Line]:
    """Return the cost of GiB sent in a month. Each tier has its own price."""
    first, following = table["network.first_gib"], table["network.next_gib"]
    in_first = smallest(gib, first)
    in_next = smallest(beyond(gib, first), following - first)
    rest = beyond(gib, following)
    usd = (
        in_first * table["network.usd_first"]
        + in_next * table["network.usd_next"]
        + rest * table["network.usd_rest"]
    )
    return [cost("traffic to the internet", usd, "GiB sent × the price of each tier")]
