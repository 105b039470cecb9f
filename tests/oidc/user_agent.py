"""A person with a plain HTTP user agent: follows redirects, keeps cookies, and fills in the provider's forms.

    python -m tests.oidc.user_agent URL      # as BROWSER; the variable TEST_PERSON holds a Person as JSON

It needs no JavaScript, so it is fast. Real Chromium signs in in `tests/browser`.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3

PASSWORD: Final = "correct horse"
CODE: Final = "246810"
MAX_STEPS: Final = 25
ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True)
class Person:
    """Somebody with an account. `name` becomes the subject; `refuses` clicks "Cancel" instead of signing in."""

    name: str = "ada"
    password: str = PASSWORD
    has_second_factor: bool = False
    refuses: bool = False

    def browser(self) -> dict[str, str]:
        """Return the environment variables that make satchel open this person's user agent."""
        return {
            "BROWSER": f"{sys.executable} -m tests.oidc.user_agent %s",
            "TEST_PERSON": json.dumps(asdict(self)),
            "PYTHONPATH": str(ROOT),
        }


@dataclass
class Page:
    """What the user agent shows in the end."""

    url: str
    status: int
    headers: dict[str, str]
    text: str


@dataclass
class UserAgent:
    """A browser with cookies. `visited` lists the address of every request."""

    person: Person = field(default_factory=Person)
    cookies: dict[tuple[str, str], str] = field(default_factory=dict)
    visited: list[str] = field(default_factory=list)

    def sign_in(self, url: str) -> Page:
        """Open a page and fill in forms until a page has none, or is not the issuer's."""
        issuer = urlsplit(url).netloc
        page = self.get(url)
        for _ in range(MAX_STEPS):
            form = Form.of(page.text)
            if urlsplit(page.url).netloc != issuer or form is None or page.status >= 400:
                return page
            if "user_code" in form.fields:  # the page for another code, after this one was used or refused
                return page
            page = self.send("POST", urljoin(page.url, form.action), self._filled(form))
        raise AssertionError(f"too many forms, the last one at {page.url}")

    def stop_before(self, url: str, foreign: str = "/callback") -> str:
        """Sign in, but return the address on another host to which the issuer redirects, instead of opening it."""
        try:
            self._stops_at = foreign
            self.sign_in(url)
        except _StoppedError as stopped:
            return stopped.url
        finally:
            self._stops_at = ""
        raise AssertionError(f"the issuer did not redirect: {self.visited[-1]}")

    def get(self, url: str) -> Page:
        """Open a page and follow its redirects."""
        return self.send("GET", url)

    def send(self, method: str, url: str, body: dict[str, str] | None = None) -> Page:
        """Send one request and follow its redirects."""
        for _ in range(MAX_STEPS):
            if self._stops_at and urlsplit(url).path == self._stops_at and method == "GET":
                raise _StoppedError(url)
            self.visited.append(url)
            answer = self._request(method, url, body)
            location = answer.headers.get("location")
            if answer.status not in {301, 302, 303, 307} or location is None:
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Page(url, answer.status, headers, answer.data.decode())
            method, url, body = "GET", urljoin(url, location), None
        raise AssertionError(f"too many redirects, the last one to {url}")

    _stops_at: str = ""

    def _request(self, method: str, url: str, body: dict[str, str] | None) -> urllib3.BaseHTTPResponse:
        host = urlsplit(url).netloc
        mine = [f"{name}={value}" for (where, name), value in self.cookies.items() if where == host]
        headers = {"Cookie": "; ".join(mine)} if mine else {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        data = None if body is None else urlencode(body)
        answer = urllib3.request(
            method, url, body=data, headers=headers, redirect=False, retries=False, timeout=30.0
        )
        for line in answer.headers.getlist("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if value:
                self.cookies[host, name] = value
            else:
                self.cookies.pop((host, name), None)
        return answer

    def _filled(self, form: "Form") -> dict[str, str]:
        """Return what the person enters."""
        filled = dict(form.hidden)
        if "login" in form.fields:
            filled |= {"login": self.person.name, "password": self.person.password}
            filled["otp"] = CODE if self.person.has_second_factor else ""
        if self.person.refuses and "cancel" in form.actions:
            return {**filled, "action": "cancel"}
        if form.actions:
            filled["action"] = form.actions[0]
        return filled


class _StoppedError(Exception):
    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class Form(HTMLParser):
    """The first form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False
        self.action = ""
        self.hidden: dict[str, str] = {}
        self.fields: set[str] = set()
        self.actions: list[str] = []

    @classmethod
    def of(cls, text: str) -> "Form | None":
        """Return the form of a page, if there is one."""
        form = cls()
        form.feed(text)
        return form if form.found else None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the form, its fields and its buttons."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found, self.action = True, values.get("action", "")
        elif tag == "button" and "value" in values:
            self.actions.append(values["value"])
        elif tag == "input" and values.get("type") == "hidden":
            self.hidden[values["name"]] = values.get("value", "")
        elif tag == "input":
            self.fields.add(values.get("name", ""))


if __name__ == "__main__":
    UserAgent(Person(**json.loads(os.environ.get("TEST_PERSON", "{}")))).sign_in(sys.argv[1])
