"""Prompts: texts whose secrets must not leave the device, and answers that arrive in pieces."""

from typing import Final

from tests.security.fuzzing.table import Target, require

from satchel.asking import Citations, Material, extract, prepare
from satchel.errors import UsageError
from satchel.prompts import Filter

TOKEN: Final = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
FILTER: Final = Filter(home="/srv/ann", host="build7")
SENT: Final = FILTER.apply(f"{TOKEN} ann@example.com https://db.corp.internal/?x")
WORDS: Final = (
    b"<SECRET_1>", b"<HOST_1>", b"<EMAIL_1>", b"ann@example.com", b"https://", b"/home/ann", b"10.0.0.7", b"password = '",
    b"-----BEGIN EC PRIVATE KEY-----\n", b"-----END EC PRIVATE KEY-----", TOKEN.encode(), b"\xe2\x80\x8b", b"\r\n",
    b"[1]", b"[9]", b"[1, 9]", b"`", b"```\n", b"\n\n", b"# ",
)  # fmt: skip


def replaced(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    filtered = FILTER.apply(text)
    require(filtered.restore(filtered.text) == text, "the text comes back")
    require(TOKEN not in filtered.text, "the token is replaced")
    ours = list(filtered.known.places(filtered.text))
    for one in FILTER.find(filtered.text):
        require(
            any(start <= one.start and one.end <= end for start, end in ours), "nothing is found any more"
        )


def answered(data: bytes) -> None:
    """The first byte is the size of the pieces in which an answer arrives."""
    size, text = (data[0] or 1, data[1:].decode("utf-8", "replace")) if data else (1, "")
    citations, restorer = Citations(3), SENT.restorer()
    shown = "".join(restorer.feed(citations.feed(text[at : at + size])) for at in range(0, len(text), size))
    shown += restorer.feed(citations.end()) + restorer.end()
    whole = Citations(3)
    require(shown == SENT.restore(whole.feed(text) + whole.end()), "the pieces change nothing")
    require(set(citations.cited) <= {1, 2, 3}, "only excerpts are cited")


def quoted(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    materials = [Material("01", text[:40], text, 1.0), Material("02", "", text[::-1], 0.7, "python")]
    prepared = prepare("which secret is in the header", materials, FILTER, budget_tokens=600)
    require(prepared.prompt.tokens <= 600, "the prompt keeps to the budget")
    require(TOKEN not in prepared.prompt.user, "the token is replaced")
    extract("which secret is in the header", materials)


TARGETS: Final = (
    Target(
        "replaced", replaced, lambda: [b"TOKEN=" + TOKEN.encode(), b"ssh ann@build7 <SECRET_1>"], words=WORDS
    ),
    Target("answered", answered, lambda: [b"\x03See [1], [9] and <SECRET_1>."], words=WORDS),
    Target("quoted", quoted, lambda: [b"# Header\n\ndef header():\n    pass\n"], (UsageError,), words=WORDS),
)
