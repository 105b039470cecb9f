"""Shares of a hostile sharer: anyone can seal any body to the key of a link of their own."""

import base64
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, Final

import pytest
from tests.security.evil_server.mutations import ESCAPES
from tests.security.evil_server.running import Runner
from tests.security.evil_server.scenarios import SCENARIOS, Scenario
from tests.security.evil_server.server import Attack
from tests.support.asgi import Answer

from satchel.age import X25519Recipient, seal
from satchel.sharing.container import pack
from satchel.sharing.identity import share_key
from satchel.sharing.link import ShareLink

GET: Final = next(each for each in SCENARIOS if each.name == "get")
WITH_PASSWORD: Final = next(each for each in SCENARIOS if each.name == "get --password-file")
DOCUMENT: Final[dict[str, Any]] = {
    "format": "satchel-share/1",
    "title": "a title",
    "description": "",
    "language": "text",
    "media_type": "text/plain",
    "tags": [],
    "links": [],
    "shared": "2026-01-31T12:00:00Z",
}
HOSTILE: Final = f"hostile{ESCAPES}"


def document(**fields: Any) -> bytes:  # noqa: ANN401  any JSON value
    """Return a piece.json with other fields."""
    return json.dumps({**DOCUMENT, **fields}).encode()


def several(*names: str) -> bytes:
    """Return a piece.json that names further files."""
    files = [{"name": name, "language": "", "media_type": ""} for name in names]
    return document(format="satchel-share/2", name="", files=files)


def with_python(**entries: bytes) -> bytes:
    """Return a zip as another program makes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def lying(size: int) -> bytes:
    """Return a share whose content states another size than it has."""
    packed = pack(b"x" * 100_000, document())
    return packed.replace((100_000).to_bytes(4, "little"), size.to_bytes(4, "little"))


SHOWN: Final = frozenset({0})
REFUSED: Final = frozenset({5})
BODIES: Final[dict[str, tuple[Callable[[], bytes], frozenset[int]]]] = {
    "a title with terminal escapes": (lambda: pack(b"x\n", document(title=HOSTILE)), SHOWN),
    "a content with terminal escapes": (lambda: pack(HOSTILE.encode(), document()), SHOWN),
    "a content of binary data": (lambda: pack(bytes(range(256)), document()), SHOWN),
    "every text with terminal escapes": (
        lambda: pack(
            b"x\n",
            document(
                title=HOSTILE,
                description=HOSTILE,
                language=HOSTILE,
                media_type=HOSTILE,
                tags=[HOSTILE] * 10,
                links=[HOSTILE] * 10,
                shared=HOSTILE,
            ),
        ),
        SHOWN,
    ),
    "a language that is none": (lambda: pack(b"x\n", document(language="evil" * 10_000)), SHOWN),
    "another version": (lambda: pack(b"x", document(format=HOSTILE)), REFUSED),
    "a document that is not JSON": (lambda: pack(b"x", b"evil"), REFUSED),
    "a document without fields": (lambda: pack(b"x", b"{}"), REFUSED),
    "a document that is nested deeply": (lambda: pack(b"x", b'{"format":' + b"[" * 100_000), REFUSED),
    "a document with a lone surrogate": (
        lambda: pack(b"x", document().replace(b"a title", rb"\ud800")),
        REFUSED,
    ),
    "a document that is too large": (lambda: pack(b"x", document(title="x" * 300_000)), REFUSED),
    "a million tags": (lambda: pack(b"x", document(tags=["x"] * 60_000)), REFUSED | SHOWN),
    "a file that leads elsewhere": (lambda: pack(b"x", several("../../evil"), [b"x"]), REFUSED),
    "a file with an absolute path": (lambda: pack(b"x", several("/etc/passwd"), [b"x"]), REFUSED),
    "a file with terminal escapes": (lambda: pack(b"x", several(HOSTILE), [b"x"]), REFUSED),
    "a file without a name": (lambda: pack(b"x", several(""), [b"x"]), REFUSED),
    "two files of one name": (lambda: pack(b"x", several("a", "a"), [b"x", b"y"]), REFUSED),
    "fewer files than names": (lambda: pack(b"x", several("a", "b"), [b"x"]), REFUSED),
    "more files than allowed": (lambda: pack(b"x", several(*map(str, range(400))), [b"x"] * 400), REFUSED),
    "a zip bomb": (lambda: with_python(content=bytes(60 << 20), **{"piece.json": document()}), REFUSED),
    "a zip of another program": (lambda: with_python(evil=b"x"), REFUSED),
    "a zip in a zip": (lambda: with_python(content=pack(b"x", document())), REFUSED),
    "a size that is a lie": (lambda: lying(60 << 20), REFUSED),
    "a size that is too small": (lambda: lying(10), REFUSED),
    "no zip": (lambda: b"evil" * 1_000, REFUSED),
    "nothing": (lambda: b"", REFUSED),
    "a deflate stream": (lambda: zlib.compress(bytes(1 << 20)), REFUSED),
}


def sealed_to(runner: Runner, link: str, plain: bytes) -> bytes:
    """Seal a body to the key of a link, as its sharer can."""
    return seal(plain, [share_key(ShareLink.parse(runner.template.names[link]).secret).recipient])


def serve(body: bytes) -> Attack:
    """Return the attack that sends a body when a share is opened."""
    headers = {"content-type": "application/octet-stream", "satchel-share-version": "1"}
    return Attack("open_share", lambda *_: Answer(200, headers, body))


@pytest.mark.parametrize("as_json", [False, True], ids=["shown", "as JSON"])
@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_share_is_shown_safely_or_refused(runner: Runner, name: str, as_json: bool) -> None:
    make, codes = BODIES[name]
    attack = serve(sealed_to(runner, "link4", make()))
    outcome = runner.run(GET, attack, extra=("--json",) if as_json else ())
    assert runner.faults(GET, outcome, codes, "open_share") == []
    assert outcome.after == {}


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_share_is_written_only_to_the_folder(runner: Runner, name: str) -> None:
    make, codes = BODIES[name]
    scenario = Scenario("get --into", (*GET.arguments, "--into", "{into}"), GET.operations, home="nowhere")
    outcome = runner.run(scenario, serve(sealed_to(runner, "link4", make())))
    assert runner.faults(scenario, outcome, codes, "open_share") == []
    into = runner.folder_of(outcome)
    written = [path for path in into.rglob("*") if path.is_file()]
    assert len(written) == (1 if outcome.code == 0 else 0)
    assert all(path.parent == into and "\x1b" not in path.name for path in written)


def _age_header(stanzas: int) -> bytes:
    stanza = b"-> X25519 " + base64.b64encode(bytes(32)).rstrip(b"=") + b"\n"
    stanza += base64.b64encode(bytes(32)).rstrip(b"=") + b"\n"
    return b"age-encryption.org/v1\n" + stanza * stanzas + b"--- " + b"A" * 43 + b"\n"


SEALED: Final[dict[str, Callable[[Runner], bytes]]] = {
    "the body of another share": lambda runner: sealed_to(runner, "link1", pack(b"x", document())),
    "a body for somebody else": lambda _: seal(
        b"x", [X25519Recipient.parse("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")]
    ),
    "a body with 100,000 recipients": lambda _: _age_header(100_000),
    "a body with a header without end": lambda _: b"age-encryption.org/v1\n" + b"-> evil\n" * 500_000,
    "a body with a line without end": lambda _: b"age-encryption.org/v1\n-> " + b"x" * (8 << 20),
    "a body that was cut": lambda runner: sealed_to(runner, "link4", pack(b"x" * 200_000, document()))[:-1],
    "a body with more at its end": lambda runner: sealed_to(runner, "link4", pack(b"x", document())) + b"x",
    "a body under a passphrase of enormous cost": lambda _: (
        b"age-encryption.org/v1\n-> scrypt "
        + b"A" * 22
        + b" 63\n"
        + b"A" * 43
        + b"\n--- "
        + b"A" * 43
        + b"\n"
    ),
}


@pytest.mark.parametrize("name", SEALED)
def test_a_body_that_the_link_does_not_open_is_refused(runner: Runner, name: str) -> None:
    outcome = runner.run(GET, serve(SEALED[name](runner)))
    assert runner.faults(GET, outcome, REFUSED, "open_share") == []


@pytest.mark.parametrize("log_n", [-1, 0, 10, 13, 14, 15, 19, 20, 21, 31, 63, 2**31])
def test_the_cost_of_a_password_is_bounded(runner: Runner, log_n: int) -> None:
    password = {"salt": base64.b64encode(bytes(16)).decode(), "log_n": log_n}
    body = json.dumps({"limited": False, "password": password}).encode()
    attack = Attack("share_info", lambda _, answer: Answer(200, answer.headers, body))
    outcome = runner.run(WITH_PASSWORD, attack)
    assert (
        runner.faults(WITH_PASSWORD, outcome, {4} if log_n in {14, 15, 19, 20} else {6}, "share_info") == []
    )


def test_another_salt_makes_the_password_wrong(runner: Runner) -> None:
    password = {"salt": base64.b64encode(b"evil" * 4).decode(), "log_n": 16}
    body = json.dumps({"limited": False, "password": password}).encode()
    outcome = runner.run(
        WITH_PASSWORD, Attack("share_info", lambda _, answer: Answer(200, answer.headers, body))
    )
    assert runner.faults(WITH_PASSWORD, outcome, {4}, "share_info") == []


def test_a_share_whose_password_was_removed_does_not_open(runner: Runner) -> None:
    body = json.dumps({"limited": False, "password": None}).encode()
    outcome = runner.run(
        WITH_PASSWORD, Attack("share_info", lambda _, answer: Answer(200, answer.headers, body))
    )
    assert runner.faults(WITH_PASSWORD, outcome, {4}, "share_info") == []


def test_opening_a_link_sends_no_token(runner: Runner) -> None:
    scenario = Scenario("get", GET.arguments, GET.operations)
    outcome = runner.run(scenario)
    assert outcome.code == 0
    assert outcome.token
    assert not [each for each in outcome.seen if each.token]
