"""Sets are the same on every machine, and a set that changed is not measured."""

from collections import Counter
from pathlib import Path

import pytest

from models.evaluation.archives import Packages
from models.evaluation.sampling import Frozen, chosen, digest, number, spread
from models.evaluation.sets import loading
from models.evaluation.sets.loading import SetError, Sets

NAMES = [f"package{place % 4}/file{place}" for place in range(200)]


def test_numbers_depend_on_their_names_alone() -> None:
    assert number("a", 1) == number("a", 1) != number("a", 2)
    assert number("ab", "c") != number("a", "bc")


def test_choice_ignores_the_order_and_keeps_its_members_when_items_are_added() -> None:
    first = chosen(NAMES, 20, str, "salt")
    assert first == chosen(reversed(NAMES), 20, str, "salt")
    later = chosen([*NAMES, *(f"new{place}" for place in range(20))], 20, str, "salt")
    assert len(set(first) & set(later)) >= 14
    assert first != chosen(NAMES, 20, str, "other salt")


def test_spread_takes_equal_parts_of_each_group() -> None:
    taken = spread(NAMES, 40, lambda name: name.split("/")[0], str)
    assert set(Counter(name.split("/")[0] for name in taken).values()) == {10}
    assert taken == spread(NAMES[::-1], 40, lambda name: name.split("/")[0], str)


def test_spread_fills_up_from_large_groups() -> None:
    names = ["small/1", *(f"large/{place}" for place in range(20))]
    taken = spread(names, 10, lambda name: name.split("/")[0], str)
    assert len(taken) == 10
    assert "small/1" in taken
    assert spread([], 5, str, str) == []


def test_digest_depends_on_items_and_order() -> None:
    assert digest(["a", "b"]) != digest(["b", "a"])
    assert digest(["a", "b"]) == digest(["a", "b"]) != digest(["ab"])


def test_changed_set_is_refused_until_it_is_frozen_again(tmp_path: Path) -> None:
    file = tmp_path / "frozen.json"
    freezing = Sets(freezing=True, folder=tmp_path / "a", frozen=Frozen(file))
    freezing._packages = Packages(())
    assert freezing.load("letters", str, lambda _: ["a", "b"]) == ["a", "b"]
    later = Sets(folder=tmp_path / "b", frozen=Frozen(file))
    later._packages = Packages(())
    with pytest.raises(SetError, match="'letters' differs"):
        later.load("letters", str, lambda _: ["a", "c"])
    with pytest.raises(SetError, match="'numbers' is not frozen"):
        later.load("numbers", str, lambda _: ["1"])
    assert later.load("letters", str, lambda _: ["a", "b"]) == ["a", "b"]


def test_kept_set_is_not_built_again_unless_it_was_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = tmp_path / "frozen.json"
    sets = Sets(freezing=True, folder=tmp_path, frozen=Frozen(frozen))
    sets._packages = Packages(())
    sets.load("letters", str, lambda _: ["a", "b"])

    def refuse(_packages: Packages) -> list[str]:
        pytest.fail("the set was built again")

    again = Sets(folder=tmp_path, frozen=Frozen(frozen))
    again._packages = Packages(())
    assert again.load("letters", str, refuse) == ["a", "b"]
    (kept,) = tmp_path.glob("letters-*.json")
    kept.write_text('["a","x"]')
    assert again.load("letters", str, lambda _: ["a", "b"]) == ["a", "b"]
    monkeypatch.setattr(loading, "_origin", lambda: "after a change of the code")
    with pytest.raises(SetError, match="'letters' differs"):
        again.load("letters", str, lambda _: ["a", "c"])
