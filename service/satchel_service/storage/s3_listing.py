"""Reading the answer of ListObjectsV2, without the tenth of a wake-up that a whole XML library costs."""

from datetime import datetime
from typing import NamedTuple
from xml.parsers import expat  # answers of the owner's own store; expat itself refuses amplification

from satchel_service.storage.connections import UnansweredError


class ListedObject(NamedTuple):
    """An object as its bucket names it; `modified` is in milliseconds since 1970."""

    name: str
    size_bytes: int
    modified: int


class Page(NamedTuple):
    """A page of a listing; `more` is what the next is asked for with, empty on the last."""

    objects: list[ListedObject]
    more: str


def parse_page(document: bytes) -> Page:
    """Read a page; one that is damaged, or no listing at all: UnansweredError."""
    reader = _Reader()
    try:
        reader.parser.Parse(document, True)  # noqa: FBT003  expat's way to say that this is all
        is_truncated = {"true": True, "false": False}[reader.fields["IsTruncated"]]
        return Page(reader.objects, reader.fields["NextContinuationToken"] if is_truncated else "")
    except (expat.ExpatError, ValueError, KeyError) as exc:
        raise UnansweredError("the object storage's listing cannot be read") from exc


class _Reader:
    """Keeps the text of the root's fields and of each `Contents`."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._add
        self.fields: dict[str, str] = {}
        self.objects: list[ListedObject] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._object: dict[str, str] = {}

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._path.append(name)
        self._text.clear()

    def _add(self, text: str) -> None:
        self._text.append(text)

    def _end(self, _: str) -> None:
        match self._path:
            case ["ListBucketResult", "Contents"]:
                self.objects.append(_listed(self._object))
                self._object = {}
            case ["ListBucketResult", "Contents", field]:
                self._object[field] = "".join(self._text)
            case ["ListBucketResult", field]:
                self.fields[field] = "".join(self._text)
        self._path.pop()


def _listed(fields: dict[str, str]) -> ListedObject:
    modified = datetime.fromisoformat(fields["LastModified"])
    return ListedObject(fields["Key"], int(fields["Size"]), int(modified.timestamp() * 1000))
