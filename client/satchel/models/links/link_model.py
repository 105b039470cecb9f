"""Suggests the links of a text: those of a Markdown text, or the addresses in code and other texts."""

import re
from collections.abc import Sequence
from typing import Final

from satchel.models.interface import EXAMINED_CHARS, Model, Subject, Suggestion
from satchel.models.links.addresses import addresses_in
from satchel.models.links.markdown import links_in_markdown
from satchel.models.parsing import language_of

MAX_LINKS: Final = 200
SURE: Final = 0.8
UNSURE: Final = 0.3
# Addresses that say nothing about a text: badges, examples, this computer, schemas and licences.
_MEANINGLESS: Final = re.compile(
    r"(?:https?://)?(?:img\.shields\.io|badge\.|[\w.-]*\bbadge|[\w.-]*example\.(?:com|org|net)|localhost|127\.|0\.0\.0\.0"
    r"|192\.168\.|10\.|(?:www\.)?w3\.org/|schemas\.|(?:www\.)?apache\.org/licenses|opensource\.org/licenses"
    r"|choosealicense|(?:www\.)?gnu\.org/licenses|travis-ci|circleci|codecov\.io|coveralls\.io|foo\b|test\b)",
    re.IGNORECASE,
)
_IMAGE: Final = re.compile(r"\.(?:png|svg|gif|jpe?g|ico|webp)(?:[?#]|$)", re.IGNORECASE)
_PROSE: Final = frozenset({"", "markdown", "text", "rst"})


class Links:
    """Suggests links in their order; the meaningful ones first."""

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Suggest at most MAX_LINKS links."""
        text = subject.text[:EXAMINED_CHARS]
        if "://" not in text and "www." not in text:
            return ()
        found = [
            Suggestion("link", address, _confidence(address), "it is in the text")
            for address in links_of(text, language_of(subject))[:MAX_LINKS]
            if len(address) <= 1_000
        ]
        return sorted(found, key=lambda one: -one.confidence)


def links_of(text: str, language: str) -> list[str]:
    """Return the addresses of a text in a canonical language, each once."""
    if language == "markdown":
        return links_in_markdown(text)
    is_code = language not in _PROSE
    found = (address for _, address in addresses_in(text, is_code=is_code))
    return list(dict.fromkeys(one if "://" in one else f"http://{one}" for one in found))


def open_model() -> Model:
    """Return the model."""
    return Links()


def _confidence(address: str) -> float:
    return UNSURE if _MEANINGLESS.match(address) or _IMAGE.search(address) else SURE
