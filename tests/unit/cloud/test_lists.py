"""No list of a cloud is endless: each answer, their number and their sum are bounded."""

import json
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from satchel.cloud import signed_client as module
from satchel.cloud.client import CloudClient
from satchel.errors import UnreachableError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Request, Response

NOON = "2026-01-01T12:00:00Z"


def share(number: int) -> dict[str, object]:
    return {
        "id": f"{number:032x}", "version": 1, "created": NOON, "updated": NOON, "expires": None, "views": None,
        "opened": 0, "last_opened": None, "size_bytes": 1, "has_password": False, "state": "live", "note": "",
    }  # fmt: skip


class Cloud:
    """Answers every request with the next page."""

    def __init__(self, pages: Iterator[dict[str, object]]) -> None:
        self._pages = pages
        self.cursors: list[str] = []

    def send(self, request: Request) -> Response:
        self.cursors += parse_qs(urlsplit(request.url).query).get("after", [])
        return Response(200, {}, json.dumps(next(self._pages)).encode())


def ask(pages: Iterator[dict[str, object]]) -> tuple[CloudClient, Cloud]:
    cloud = Cloud(pages)
    return CloudClient(Origin.parse("http://127.0.0.1:9"), cloud), cloud


def endless(item: Callable[[int], int], cursor: Callable[[int], str]) -> Iterator[dict[str, object]]:
    number = 0
    while True:
        yield {"shares": [share(item(number))], "next": cursor(number)}
        number += 1


@pytest.mark.parametrize(
    ("item", "cursor", "requests"),
    [
        (lambda n: n, lambda _n: "same", 2),
        (lambda _n: 7, lambda n: f"c{n}", 2),
        (lambda n: n % 3, lambda n: f"c{n}", 4),
        (lambda n: n, lambda n: f"c{n % 2}", None),
    ],
    ids=["repeated cursor", "repeated id", "ids in a circle", "cursors in a circle"],
)
def test_a_list_that_repeats_itself_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    item: Callable[[int], int],
    cursor: Callable[[int], str],
    requests: int | None,
) -> None:
    monkeypatch.setattr(module, "MAX_LISTED", 50)
    asked, cloud = ask(endless(item, cursor))
    with pytest.raises(UnreachableError, match="repeats itself or exceeds"):
        asked.shares()
    assert len(cloud.cursors) <= 50
    if requests is not None:
        assert len(cloud.cursors) == requests - 1


def test_the_number_of_entries_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LISTED", 5)
    asked, cloud = ask(endless(lambda n: n, lambda n: f"c{n}"))
    with pytest.raises(UnreachableError, match="exceeds 5 entries"):
        asked.shares()
    assert len(cloud.cursors) == 5


def test_the_sum_of_the_pages_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LISTED_BYTES", 2_000)
    asked, cloud = ask(endless(lambda n: n, lambda n: f"c{n}"))
    with pytest.raises(UnreachableError):
        asked.shares()
    assert len(cloud.cursors) < 10


def test_an_empty_page_that_names_another_is_refused() -> None:
    asked, _ = ask(iter([{"shares": [], "next": "c"}] * 2))
    with pytest.raises(UnreachableError):
        asked.shares()


def test_a_long_list_is_read_whole() -> None:
    pages: list[dict[str, object]] = [
        {"shares": [share(n * 10 + m) for m in range(10)], "next": f"c{n}"} for n in range(20)
    ]
    pages[-1]["next"] = None
    asked, _ = ask(iter(pages))
    assert len(asked.shares()) == 200


def test_devices_and_backups_with_one_id_are_refused() -> None:
    device = {"id": "0" * 32, "label": "", "created": NOON, "last_seen": NOON}
    asked, _ = ask(iter([{"devices": [device, device]}]))
    with pytest.raises(UnreachableError):
        asked.devices()
