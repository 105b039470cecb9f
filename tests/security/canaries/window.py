"""What a person types into the window and does not save: a draft with files, and preferences, through a crash and failures.

use_window(life, owner)
life.refusals      # what the window answers to requests that fail
life.visible       # what other programs see of its process
"""

import json
import secrets
import string
from typing import TYPE_CHECKING, Any, Final

from tests.security.canaries.places import visible_of
from tests.support.window import Page, WindowProcess

if TYPE_CHECKING:
    from tests.security.canaries.life import Life, Person

DRAFT: Final = "d" * 32


def use_window(life: "Life", owner: "Person") -> None:
    """Type a draft, attach a file, choose a theme, and ask for what fails; kill the server, and look at it again."""
    life.secrets["preference"] = "".join(secrets.choice(string.ascii_lowercase) for _ in range(12)).encode()
    with WindowProcess(owner, options=("--debug",)) as window:
        page = _opened(life, window)
        with page.events():
            draft = _draft(life, page.upload(life.canaries.draft_attached.encode() * 100))
            page.ask("keep_draft", draft=draft)
            page.ask("set_preference", name="theme", value=life.secrets["preference"].decode())
            life.refusals |= dict(_refused(life, page, draft))
            life.visible["the window"] = visible_of(window.process.pid)
            window.process.kill()
        life.said["open, until it is killed"] = window.process.communicate()[1]
    with WindowProcess(owner, options=("--debug",)) as window:
        page = _opened(life, window)
        with page.events():
            assert page.ask("read_draft", id=DRAFT) == {"draft": draft, "missing": []}
            page.ask("propose", text=life.canaries.draft)
            life.visible["the window again"] = visible_of(window.process.pid)
        window.process.send_signal(2)
        life.said["open, until Ctrl-C"] = window.process.communicate(timeout=30)[1]


def _opened(life: "Life", window: WindowProcess) -> Page:
    page = window.page()
    number = len(life.visible)
    life.secrets |= {
        f"token of window {number}": window.url.partition("#")[2].encode(),
        f"key of window {number}": page.headers["x-satchel-window"].encode(),
        f"cookie of window {number}": page.headers["cookie"].partition("=")[2].encode(),
    }
    return page


def _draft(life: "Life", upload: str) -> dict[str, Any]:
    text = life.canaries
    return {
        "id": DRAFT, "version": 1, "piece": None, "base": 0, "title": text.draft_fields,
        "description": text.draft_fields, "language": text.draft_fields, "tags": [text.draft_fields],
        "links": [f"https://example.com/{text.draft_fields}"],
        "texts": [{"number": 0, "name": f"{text.draft_file}.py", "text": text.draft}],
        "source": f"https://example.com/{text.draft_fields}", "typed": "2026-01-31T09:00:00.000Z",
        "files": [{"upload": upload, "name": f"{text.draft_file}.png", "size_bytes": 1, "is_image": True}],
    }  # fmt: skip


def _refused(life: "Life", page: Page, draft: dict[str, Any]) -> list[tuple[str, bytes]]:
    """Send requests that fail, and return the answers."""
    file = draft["files"][0]
    requests: list[tuple[str, dict[str, Any]]] = [
        ("keep_draft", {"draft": {**draft, "id": "z" + draft["id"][1:]}}),
        ("keep_draft", {"draft": {**draft, life.canaries.draft: life.canaries.draft}}),
        ("keep_draft", {"draft": {**draft, "texts": life.canaries.draft}}),
        ("keep_draft", {"draft": {**draft, "title": draft["title"] * (17 << 20 >> 5)}}),
        ("set_preference", {"name": "theme", "value": life.canaries.draft}),
        ("add_piece", {"text": draft["texts"][0]["text"], "files": [{"upload": "0" * 32, "name": file["name"]}]}),
        ("add_piece", {"files": [{"upload": file["upload"], "name": file["name"]}], "tags": [life.canaries.draft] * 2_000}),
        ("read_image", {"upload": file["upload"]}),
        (life.canaries.draft, {}),
    ]  # fmt: skip
    found = []
    for number, (operation, request) in enumerate(requests):
        status, headers, body = page.send(f"/api/{operation}", json.dumps(request).encode())
        assert status >= 400, (number, status, body)
        found.append((f"answer {number}", str(headers).encode() + body))
    stranger = {"x-satchel-window": None}
    status, headers, body = page.send("/api/read_draft", json.dumps({"id": DRAFT}).encode(), headers=stranger)
    assert status == 401
    return [*found, ("the answer to a stranger", str(headers).encode() + body)]
