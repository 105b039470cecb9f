"""Links in a text: as a Markdown parser sees them, or as plain addresses in code and other texts.

    links_in_markdown("See [the docs](https://example.org/a_(b)) and www.example.org.")
    # ["https://example.org/a_(b)", "http://www.example.org"]

Nothing is fetched, and the time is linear in the length of the text.
"""

from satchel.models.links.addresses import addresses_in
from satchel.models.links.link_model import open_model
from satchel.models.links.markdown import links_in_markdown

__all__ = ["addresses_in", "links_in_markdown", "open_model"]
