"""Discovery: the parts of a file that are worth saving as separate Pieces.

    for region in regions_in(text, "python"):
        print(region.title, region.first_line, region.last_line, region.reason, region.score)

Marked regions come first (`[START x]`, `tag::x[]`, `#region`). The others are declarations, blocks, their insides,
and paragraphs in a row, in any language: a few that stand for all the parts that a person could mark, ranked by how
likely people mark such parts and by how well they would serve alone (`satchel.models.saving`).
"""

from satchel.models.discovery.region import Region, distinct
from satchel.models.discovery.regions import regions_in

__all__ = ["Region", "distinct", "regions_in"]
