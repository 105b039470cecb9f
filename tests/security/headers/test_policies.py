"""The content policies of the pages: they allow exactly what a page loads, and nothing by a wildcard or inline."""

import base64
import hashlib
import re
from collections.abc import Mapping
from html.parser import HTMLParser

import pytest
from tests.security.headers.expected import violations
from tests.security.matrix.examples import example
from tests.security.matrix.processes import ProcessCloud, RawAnswer, exchange

from satchel_wire.operations import OPERATIONS

KEYWORDS = {"'none'", "'self'", "blob:", "'script'", "satchel-worker"}
PAGES = ["front page", "share", "unknown share", "report", "unknown report", "sent report"]
PAGES += ["request", "unknown request"]
FORM = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", "15")]


class Page(HTMLParser):
    """The inline scripts and styles of a page, its attributes, and the addresses that it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.loads: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.attributes += [(name, value or "") for name, value in attrs]
        linked = dict(attrs).get("src") or (dict(attrs).get("href") if tag == "link" else None)
        self.loads += [linked] if linked else []

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  the parser's interface
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts.append(data)
        if self._inside == "style":
            self.styles.append(data)


@pytest.fixture(scope="module")
def pages(served: ProcessCloud) -> Mapping[str, RawAnswer]:
    """Every page of the service."""
    share, unknown = served.device.share(), "0" * 32

    def get(path: str) -> RawAnswer:
        return exchange(served.url, "GET", path)

    sent = exchange(served.url, "POST", f"/s/{share}/report", FORM, b"reason=unwanted")
    found = [get("/"), get(f"/s/{share}"), get(f"/s/{unknown}")]
    found += [get(f"/s/{share}/report"), get(f"/s/{unknown}/report"), sent]
    asked = example(served, next(each for each in OPERATIONS if each.id == "request_page"))
    found += [get(asked.path), get(f"/r/{unknown}")]
    return dict(zip(PAGES, found, strict=True))


def policy_of(answer: RawAnswer) -> dict[str, list[str]]:
    """Return the directives of a policy."""
    (text,) = [value for name, value in answer.headers if name.lower() == "content-security-policy"]
    parts = [part.split() for part in text.split("; ")]
    assert len({name for name, *_ in parts}) == len(parts), "a directive is repeated"
    return {name: values for name, *values in parts}


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_allows_nothing_by_default(pages: Mapping[str, RawAnswer], name: str) -> None:
    policy = policy_of(pages[name])
    for directive in ("default-src", "base-uri", "frame-ancestors"):
        assert policy[directive] == ["'none'"]
    assert policy["form-action"] in (["'none'"], ["'self'"])
    sources = {source for values in policy.values() for source in values}
    assert {source for source in sources if source not in KEYWORDS and "sha256-" not in source} == set()
    assert "blob:" not in policy.get("script-src", [])


@pytest.mark.parametrize("name", PAGES)
def test_inline_code_is_allowed_by_its_hash_only(pages: Mapping[str, RawAnswer], name: str) -> None:
    policy, page = policy_of(pages[name]), Page(pages[name].body.decode())
    allowed = {source for source in policy.get("script-src", []) if "sha256-" in source}
    assert allowed == {hash_of(script) for script in page.scripts}
    allowed = {source for source in policy.get("style-src", []) if "sha256-" in source}
    assert allowed == {hash_of(style) for style in page.styles}
    assert [attribute for attribute, _ in page.attributes if re.match(r"on|style$|srcdoc", attribute)] == []
    assert [value for _, value in page.attributes if value.strip().lower().startswith("javascript:")] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_only_from_its_own_cloud(pages: Mapping[str, RawAnswer], name: str) -> None:
    page = Page(pages[name].body.decode())
    assert [address for address in page.loads if not re.match(r"/assets/", address)] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_other_headers_too(pages: Mapping[str, RawAnswer], name: str) -> None:
    headers = {key.lower(): value for key, value in pages[name].headers}
    assert violations(pages[name].headers, policy=headers["content-security-policy"]) == []
    assert headers["x-robots-tag"].startswith("noindex")
    assert headers["content-type"] == "text/html; charset=utf-8"


def test_forms_may_only_be_sent_to_the_cloud_and_only_from_the_form(pages: Mapping[str, RawAnswer]) -> None:
    forms = {name: policy_of(answer)["form-action"] for name, answer in pages.items()}
    assert forms["share"] == forms["front page"] == forms["request"] == ["'none'"]
    assert forms["report"] == ["'self'"]
    assert "script-src" not in policy_of(pages["report"])
