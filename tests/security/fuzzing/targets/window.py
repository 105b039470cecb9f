"""The window: requests of its page, tokens, cookies, times, and the file of its key."""

from typing import Final

import msgspec
from tests.security.fuzzing.table import JSON_SYNTAX, Target, require
from tests.security.fuzzing.targets.home_files import at, home
from tests.security.fuzzing.targets.messages import JSON

from satchel.errors import SatchelError, UsageError
from satchel.local_files import remove
from satchel.window.application import decode_request, decode_token
from satchel.window.drafts import FOLDER, DraftFolder
from satchel.window.operations import OPERATIONS
from satchel.window.preferences import FILE_NAME as PREFERENCES
from satchel.window.preferences import read_preferences, with_preferences
from satchel.window.session import Session
from satchel.window.times import milliseconds
from satchel.window.window_key import FILE_NAME, SEED_BYTES, WindowKey

DECODERS: Final = [msgspec.json.Decoder(operation.takes) for operation in OPERATIONS]
SESSION: Final = Session.begin(4711, entropy=bytes)
SESSION.admit(SESSION.token)
DRAFT: Final = "5c" * 16


def read_request(data: bytes) -> None:
    """Read an input as a request of every operation. An accepted one encodes to what is accepted again."""
    for decoder in DECODERS:
        try:
            found = decode_request(decoder, data)
        except UsageError:
            continue
        require(decode_request(decoder, msgspec.json.encode(found)) == found, "a request changes")


def read_cookie(data: bytes) -> None:
    """Read an input as a cookie and as a key. None but the right ones is accepted."""
    cookie = f"{SESSION.cookie_name}={SESSION.cookie}".encode()
    require(not SESSION.accepts([data], [data]), "a wrong key is accepted")
    if SESSION.accepts([data], [SESSION.key.encode()]):
        require(cookie in data, "a wrong cookie is accepted")


def read_time(data: bytes) -> int:
    """Read an input as a time."""
    return milliseconds("since", data.decode("utf-8", "replace"))


def read_key(data: bytes) -> None:
    """Read an input as the file of the key. It is never replaced by another key."""
    path = at(home() / FILE_NAME, data)
    require(len(WindowKey.of(home()).public) == SEED_BYTES, "a public key of another length")
    require(path.read_bytes() == data, "a key that is replaced")


def read_drafts(data: bytes) -> None:
    """Read an input as a draft: it is shown or set aside, and never lost."""
    folder = home() / FOLDER
    path = at(folder / f"{DRAFT}.json", data)
    found = DraftFolder(home()).all()
    if found.damaged:
        require(found.damaged[0].read_bytes() == data, "a damaged draft that was changed")
        remove(found.damaged[0])
    else:
        require(path.read_bytes() == data, "a draft that was changed by reading")


def read_window_file(data: bytes) -> None:
    """Read an input as the preferences. Nothing in the file becomes markup of the page."""
    at(home() / PREFERENCES, data)
    page = with_preferences(b"<html lang=en>", home())
    require(page.count(b"<") == 1 and page.count(b">") == 1, "a preference that is markup")
    read_preferences(home())


TARGETS: Final = (
    Target(
        "window-request",
        read_request,
        lambda: [b"{}", b'{"query":"parse lang:py","limit":5,"tags":["a"]}', b'{"id":"01KB3","revision":2}'],
        words=JSON,
    ),
    Target("window-token", decode_token, lambda: [b'{"token":"abc"}'], (UsageError,), JSON),
    Target(
        "window-cookie",
        read_cookie,
        lambda: [f"a=1; {SESSION.cookie_name}={SESSION.cookie}".encode(), b"satchel-window-4711=x"],
    ),
    Target(
        "window-key",
        read_key,
        lambda: [
            b'{"format":"satchel-window-key/1","seed":"%s"}' % (b"5c" * SEED_BYTES),
            b'{"format":"satchel-window-key/2"}',
        ],
        raises=(SatchelError,),
        words=JSON_SYNTAX,
    ),
    Target(
        "window-draft",
        read_drafts,
        lambda: [
            b'{"format":"satchel-draft/1","draft":{"id":"%s","version":1,"piece":null,"base":0,"title":"a","description":"","language":"","tags":["b"],"links":[],"texts":[{"number":0,"name":"","text":"c"}],"source":"","typed":""}}'
            % DRAFT.encode(),
            b'{"format":"satchel-draft/2","draft":{"id":"%s","version":1,"piece":null,"base":0,"title":"","description":"","language":"","tags":[],"links":[],"texts":[],"source":"","typed":"","files":[{"upload":"%s","name":"a.png","size_bytes":3,"is_image":true}]}}'
            % (DRAFT.encode(), DRAFT.encode()),
            b'{"format":"satchel-draft/3"}',
        ],
        words=JSON_SYNTAX,
    ),
    Target(
        "window-preferences",
        read_window_file,
        lambda: [
            b'{"format":"satchel-window/1","preferences":{"theme":"dark","language":"fr"}}',
            b'{"format":"satchel-window/2"}',
        ],
        raises=(SatchelError,),
        words=JSON_SYNTAX,
    ),
    Target("window-time", read_time, lambda: [b"2026-01-31T09:00:00Z", b"2026-01-31"], (UsageError,)),
)
