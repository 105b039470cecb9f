"""An item is found by the start of its id, if that is the start of no other."""

import pytest

from satchel.errors import NotFoundError, UsageError
from satchel.ids import by_prefix

IDS = ["ab12", "ac34", "ac56", "ac78"]


def find(prefix: str) -> str:
    return by_prefix(IDS, prefix, id_of=str, what="share", command="satchel shares")


@pytest.mark.parametrize("prefix", ["ab12", "ab", "AB"])
def test_an_item_is_found_by_a_prefix_in_either_case(prefix: str) -> None:
    assert find(prefix) == "ab12"


@pytest.mark.parametrize("prefix", ["", "b", "ab123", "%"])
def test_an_unknown_or_empty_prefix_is_not_found(prefix: str) -> None:
    with pytest.raises(NotFoundError) as missing:
        find(prefix)
    assert missing.value.message == f"no share has an id that begins with {prefix!r}"
    assert missing.value.hint == "list the ids: satchel shares"


def test_an_ambiguous_prefix_shows_some_of_the_ids() -> None:
    with pytest.raises(UsageError) as ambiguous:
        find("ac")
    assert ambiguous.value.message == "several shares have ids that begin with 'ac': ac34, ac56, …"
