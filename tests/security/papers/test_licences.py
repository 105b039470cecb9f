"""Everything that satchel ships has a licence compatible with Apache-2.0."""

import sys
from dataclasses import replace
from typing import Final

import pytest

from audit.licences import ALLOWED, Review, everything, is_allowed, judge, problems, read_reviews
from audit.shipped import CLIENT_LOCK, PAGES_LOCK, SERVICE_LOCK, Shipped, locked_packages

# Their conditions hold, or another package requires them, on every system and Python that satchel supports.
ALWAYS_INSTALLED: Final = {"cffi", "pycparser", "typing-extensions"}
MIT: Final = Shipped("pypi", "example", "1.0", "MIT")


def test_everything_that_ships_has_a_compatible_licence() -> None:
    assert problems(everything(), read_reviews()) == []


def test_every_locked_package_is_judged() -> None:
    names = {package.name for package in everything()}
    for lock in (CLIENT_LOCK, SERVICE_LOCK):
        assert {package.name for package in locked_packages(lock.read_text())} <= names
    assert {"highlight.js", "@noble/curves", "sqlite", "openssl"} <= names
    assert PAGES_LOCK.exists()


@pytest.mark.parametrize(
    "states",
    [
        "GPL-3.0-or-later",
        "AGPL-3.0-only",
        "MIT AND GPL-2.0-only",
        "LGPL-3.0-only",
        "Proprietary",
        "",
        "GNU GPLv3",
    ],
)
def test_a_package_with_another_licence_cannot_ship(states: str) -> None:
    (problem,) = problems([replace(MIT, states=states)], {})
    assert problem.startswith("pypi/example@1.0 states ")


@pytest.mark.parametrize("states", ["MIT", "MIT License", "MIT OR GPL-3.0-only", "CC0-1.0 OR Apache-2.0"])
def test_a_package_with_a_compatible_alternative_can_ship(states: str) -> None:
    assert judge(replace(MIT, states=states), {}).problem == ""


def test_a_review_counts_only_for_the_metadata_that_it_read() -> None:
    reviews = read_reviews()
    (apsw,) = (package for package in everything() if package.name == "apsw")
    assert judge(apsw, reviews).licence == "Zlib"
    assert "review it again" in judge(replace(apsw, states="GPL-3.0-only"), reviews).problem


def test_a_package_for_another_system_needs_a_review() -> None:
    elsewhere = replace(MIT, states="", marker="sys_platform == 'win32'", is_installed=False)
    assert judge(elsewhere, {}).problem
    reviewed = {"pypi/example": Review("MIT", "MIT", "installed on Windows only")}
    assert judge(elsewhere, reviewed).problem == ""
    not_here = [package.name for package in everything() if not package.is_installed]
    assert "pywin32-ctypes" in not_here or "win" in sys.platform
    conditional = {package.name for package in everything() if package.marker}
    assert {name for name in conditional if "pypi/" + name not in read_reviews()} <= ALWAYS_INSTALLED


def test_a_review_that_no_package_needs_is_reported() -> None:
    assert problems([MIT], {"pypi/gone": read_reviews()["pypi/apsw"]}) == [
        "pypi/gone is reviewed but not shipped: remove its review"
    ]


def test_no_review_accepts_the_gpl() -> None:
    assert all("GPL" not in review.licence for review in read_reviews().values())
    assert all(is_allowed(licence) for licence in ALLOWED)
