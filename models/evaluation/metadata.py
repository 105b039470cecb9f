"""What a registry says of a package without its files: its name, version, licence and addresses.

    raw = output of command("npm", "react", "19.3.1")
    addresses("npm", canonical("npm", raw))   # ("https://react.dev/", "https://github.com/react/react.git")

The addresses are those of the package's documentation, home page and source; those of its chat, funding, changes and
issues are left out.
"""

import json
import re
from collections.abc import Iterator, Mapping
from email.parser import HeaderParser
from typing import Any, Final, Literal

Described = Literal["pypi", "npm"]

_KEPT: Final = {
    "pypi": ("name", "version", "home_page", "project_url"),
    "npm": ("name", "version", "homepage", "repository"),
}
_ELSEWHERE: Final = re.compile(
    r"(?i)fund|donat|sponsor|chat|discord|forum|twitter|issue|bug|track|ci\b|download|discuss|talk|change|release|"
    r"contact|conduct|q & a|mail|wiki|history"
)


def command(registry: Described, package: str, version: str) -> list[str]:
    """Return the command whose output is the metadata; it fetches no files of the package where the registry can."""
    if registry == "npm":
        return ["npm", "view", f"{package}@{version}", *_KEPT["npm"], "--json"]
    pip = ["pip", "install", "-q", "--dry-run", "--ignore-installed", "--no-deps", "--only-binary", ":all:"]
    place = ["--python-version", "3.11", "--target", ".", "--report", "-"]
    return [*pip, *place, f"{package}=={version}"]


def canonical(registry: Described, raw: str) -> bytes:
    """Return the metadata with nothing that depends on where it came from. Raise ValueError for other output."""
    try:
        found = json.loads(raw)
        fields = found if registry == "npm" else found["install"][0]["metadata"]
        kept = {name: fields[name] for name in _KEPT[registry] if name in fields}
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError("the registry's answer has no metadata") from error
    return json.dumps(kept, sort_keys=True, indent=1).encode()


def of_wheel(text: str) -> bytes:
    """Return the metadata of a wheel's METADATA, as `canonical` does."""
    head = HeaderParser().parsestr(text)
    fields = {
        "name": head["Name"],
        "home_page": head["Home-page"],
        "project_url": head.get_all("Project-URL"),
    }
    return json.dumps({name: value for name, value in fields.items() if value}, sort_keys=True).encode()


def addresses(registry: Described, data: bytes) -> tuple[str, ...]:
    """Return the addresses of documentation, home page and source."""
    fields: dict[str, Any] = json.loads(data)
    found = _npm(fields) if registry == "npm" else _pypi(fields)
    return tuple(dict.fromkeys(one for one in found if one))


def _pypi(fields: Mapping[str, Any]) -> Iterator[str]:
    yield str(fields.get("home_page") or "")
    for one in fields.get("project_url") or ():
        label, _, address = str(one).rpartition(", ")
        if not _ELSEWHERE.search(label):
            yield address


def _npm(fields: Mapping[str, Any]) -> Iterator[str]:
    yield str(fields.get("homepage") or "")
    repository = fields.get("repository") or ""
    address = str(repository.get("url", "") if isinstance(repository, dict) else repository)
    if re.fullmatch(r"(?:github:)?[\w.-]+/[\w.-]+", address):
        address = f"https://github.com/{address.removeprefix('github:')}"
    yield re.sub(r"^(?:git\+)?(?:git|ssh|https?)(?:://(?:git@)?|@)([\w.-]+)[:/]", r"https://\1/", address)
