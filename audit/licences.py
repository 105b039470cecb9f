"""Whether everything that satchel ships has a licence compatible with Apache-2.0.

A licence comes from the package's metadata. Where the metadata is unclear, or the licence is not in ALLOWED, a person has
read the licence and recorded the result in reviewed_licences.toml. A review counts only for the metadata that it quotes.
A package that another system or another Python needs is not installed here, and needs a review, too.
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from license_expression import (  # type: ignore[import-untyped]
    ExpressionError,
    LicenseSymbol,
    Licensing,
    get_spdx_licensing,
)

from audit import shipped
from audit.shipped import Shipped

ALLOWED: Final = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "PSF-2.0",
        "Zlib",
        "blessing",
    }
)
CLASSIFIERS: Final = {
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
}
REVIEWED: Final = Path(__file__).with_name("reviewed_licences.toml")


class Review(NamedTuple):
    """The result of reading a package's licence. `states` quotes the metadata at that time."""

    states: str
    licence: str
    reason: str


class Verdict(NamedTuple):
    """The licence of a package as an SPDX expression, and why it cannot ship; empty if it can."""

    licence: str
    problem: str = ""


def read_reviews(path: Path = REVIEWED) -> dict[str, Review]:
    """Return the reviews by the kind and name of the package, such as `pypi/six`."""
    with path.open("rb") as file:
        return {name: Review(**entry) for name, entry in tomllib.load(file).items()}


def judge(package: Shipped, reviews: Mapping[str, Review]) -> Verdict:
    """Return the licence of a package, and whether it can ship."""
    review = reviews.get(f"{package.kind}/{package.name}")
    if review is not None:
        if package.is_installed and review.states != package.states:
            return Verdict(
                review.licence,
                f"{package.ref} states {package.states!r}; the review read {review.states!r}: review it again",
            )
        return Verdict(review.licence)
    licence = CLASSIFIERS.get(package.states, package.states)
    if is_allowed(licence):
        return Verdict(licence)
    return Verdict(
        licence, f"{package.ref} states {package.states!r}, which is not a licence that satchel ships"
    )


@cache
def _licensing() -> Licensing:
    return get_spdx_licensing()


@cache
def is_allowed(expression: str) -> bool:
    """Whether every way to fulfil an SPDX expression, or one of its alternatives, needs only allowed licences."""
    licensing = _licensing()
    try:
        parsed = licensing.parse(expression, validate=True, strict=True)
    except ExpressionError:
        return False
    if parsed is None:
        return False
    return _holds(parsed, licensing)


def _holds(parsed: object, licensing: Licensing) -> bool:
    if isinstance(parsed, LicenseSymbol):
        return str(parsed.key) in ALLOWED
    parts = [_holds(part, licensing) for part in getattr(parsed, "args", ())]
    return any(parts) if isinstance(parsed, licensing.OR) else bool(parts) and all(parts)


def everything() -> list[Shipped]:
    """Return every package of the wheel, the image and the share page once, apart from the system of the image."""
    packages = [
        *shipped.wheel_packages(),
        *shipped.image_packages(),
        *shipped.page_packages(shipped.SHARE_PAGE),
    ]
    packages += shipped.compiled_in(package.name for package in packages)
    return sorted({package.ref: package for package in packages}.values(), key=lambda package: package.ref)


def problems(packages: Iterable[Shipped], reviews: Mapping[str, Review]) -> list[str]:
    """Return one line for each package that cannot ship, and for each review that no package needs."""
    packages = list(packages)
    verdicts = [judge(package, reviews) for package in packages]
    unused = sorted(reviews.keys() - {f"{package.kind}/{package.name}" for package in packages})
    return [
        *(verdict.problem for verdict in verdicts if verdict.problem),
        *(f"{name} is reviewed but not shipped: remove its review" for name in unused),
    ]
