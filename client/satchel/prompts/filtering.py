"""Replacing what must not leave the device by placeholders.

    filtered = Filter(home="/home/ann").apply("scp /home/ann/x ann@build7.corp.example:")
    filtered.text           # "scp <HOME_1>/x <EMAIL_1>:"
    filtered.restore(answer)

Secrets are always replaced; the other kinds as the owner chose. A pass over the texts finds places, and passes are
repeated until nothing is found: what one placeholder leaves beside it may look like something else. The number of
passes is bounded; a text that still seems to hold something after the last is replaced as a whole.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from satchel.prompts.findings import KINDS, Finding, Kind, emails_in, homes_in, hosts_in, secrets_in
from satchel.prompts.placeholders import PLACEHOLDER, Placeholders
from satchel.prompts.restoring import Restorer, links_of

PASSES: Final = 6


@dataclass(frozen=True, slots=True)
class Replaced:
    """A value that was replaced: its placeholder, its kind, and for a secret the kind in words."""

    placeholder: str
    kind: Kind
    what: str = ""
    value: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Filtered:
    """Texts as they may leave the device, and what their placeholders stand for, in the order of first places."""

    texts: tuple[str, ...] = field(repr=False)
    replaced: tuple[Replaced, ...]
    known: Placeholders = field(repr=False, compare=False)

    @property
    def text(self) -> str:
        """The texts as one."""
        return "".join(self.texts)

    def restore(self, answer: str) -> str:
        """Return an answer with the values in place of their placeholders.

        In a link they are put back only if the texts have the same link: a Piece may tell a model to write a link
        that carries a secret away.
        """
        return self.restorer().whole(answer)

    def restorer(self) -> Restorer:
        """Return what does the same for an answer that arrives in pieces."""
        values = {one.placeholder: one.value for one in self.replaced}
        return Restorer(values, frozenset(link for text in self.texts for link in links_of(text)))


class Filter:
    """Replaces secrets, and the given kinds. `home` and `host` are those of this device, if they are known."""

    def __init__(self, kinds: Collection[Kind] = KINDS, *, home: str = "", host: str = "") -> None:
        self.kinds = frozenset(kinds) | {"secret"}
        self._home = home.rstrip("/\\")
        self._host = host

    def apply(self, *texts: str) -> Filtered:
        """Return the texts of one prompt with placeholders."""
        foreign = {found for text in texts for found in PLACEHOLDER.findall(text)}
        return self._filtered(Placeholders(foreign), texts)

    def again(self, filtered: Filtered, *texts: str) -> Filtered:
        """Return texts that were put together from filtered ones, with placeholders for what shows only now."""
        return self._filtered(filtered.known.copy(), texts)

    def find(self, text: str) -> list[Finding]:
        """Return the places of a text that must be replaced, in order. They may overlap."""
        found = list(secrets_in(text))
        if "email" in self.kinds:
            found += emails_in(text)
        if "home" in self.kinds:
            found += homes_in(text, self._home)
        if "host" in self.kinds:
            found += hosts_in(text, self._host)
        return sorted(found)

    def _filtered(self, known: Placeholders, texts: Iterable[str]) -> Filtered:
        done = [known.put_known(text) for text in texts]
        for _ in range(PASSES):
            before = done
            done = [known.put(text, self.find(text)) for text in before]
            done = [known.put_known(text) for text in done]
            if done == before:
                break
        else:
            done = [
                known.put_whole(text) if known.put(text, self.find(text)) != text else text for text in done
            ]
        return Filtered(tuple(done), tuple(_replaced(known, done)), known)


def _replaced(known: Placeholders, texts: Iterable[str]) -> Iterable[Replaced]:
    used = dict.fromkeys(text[start:end] for text in texts for start, end in known.places(text))
    for placeholder in used:
        kind, what = known.kinds[placeholder]
        yield Replaced(placeholder, kind, what, known.values[placeholder])
