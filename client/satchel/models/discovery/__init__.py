"""Discovery: the parts of a file that are worth keeping as Pieces of their own.

    for region in regions_in(text, "python"):
        print(region.title, region.first_line, region.last_line, region.reason, region.score)

Marked regions come first (`[START x]`, `tag::x[]`, `#region`), then functions with the comments before them,
classes, scripts, blocks of Markdown and cells of notebooks, by how well they would serve alone
(`satchel.models.saving`). Regions of one file do not repeat each other.
"""

from satchel.models.discovery.regions import Region, regions_in

__all__ = ["Region", "regions_in"]
