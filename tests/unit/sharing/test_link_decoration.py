"""A link that other programs decorated is read; what cannot be undone is refused without quoting the key."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.errors import UsageError
from satchel.sharing.decoration import MAX_TEXT_CHARS, plain_link
from satchel.sharing.link import ShareLink

VECTORS = Path(__file__).parents[2] / "vectors" / "share"
LINK = json.loads((VECTORS / "links.json").read_text())[0]["link"]
OTHER = LINK.replace("/s/0001", "/s/5678")
ADDRESS, _, KEY = LINK.partition("#")
DECORATED = {case["name"]: case["text"] for case in json.loads((VECTORS / "decorated.json").read_text())}


@pytest.mark.parametrize("text", DECORATED.values(), ids=DECORATED.keys())
def test_decorations_are_removed(text: str) -> None:
    assert str(ShareLink.parse(plain_link(text).text)) == LINK


@pytest.mark.parametrize("place", [":L10", ":f2", ":f2:L1-L9"])
@pytest.mark.parametrize("behind", ["", ".", "&utm_source=x", ":~:text=x", ">"])
def test_the_place_is_kept(place: str, behind: str) -> None:
    assert str(ShareLink.parse(plain_link(LINK + place + behind).text)) == LINK + place


@pytest.mark.parametrize(
    ("name", "hosts"),
    [
        ("Outlook", ["eur01.safelinks.protection.outlook.com"]),
        ("two wrappers", ["eur01.safelinks.protection.outlook.com", "www.google.com"]),
        ("Proofpoint", ["urldefense.com"]),
        ("a full stop", []),
    ],
)
def test_the_hosts_that_have_seen_the_key_are_named(name: str, hosts: list[str]) -> None:
    assert list(plain_link(DECORATED[name]).seen_by) == hosts


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LINK + "q", "1 character too many"),
        (LINK + "andmore", "7 characters too many"),
        (LINK[:-1] + ".", "truncated or mistyped"),
        (f"{LINK} {OTHER}", "several links"),
        (f"{ADDRESS}.", "no key"),
        (f"see {ADDRESS} and #notes", "no key|mistyped"),
        ("https://cloud.example.com/", "not a share link"),
        ("", "not a share link"),
        ("x" * (MAX_TEXT_CHARS + 1), "too long"),
    ],
)
def test_what_cannot_be_undone_is_refused_without_the_key(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        ShareLink.parse(plain_link(text).text)
    said = caught.value.message + caught.value.hint
    assert not any(KEY[at : at + 8] in said for at in range(len(KEY) - 8))


@given(st.text(max_size=300))
def test_any_text_is_a_link_or_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        ShareLink.parse(plain_link(text).text)


def test_the_repr_hides_the_key() -> None:
    assert KEY not in repr(plain_link(LINK))
