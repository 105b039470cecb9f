"""The key by which the browser extension recognises a window, and what the window tells of an address."""

import json
import shutil
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.support.window import Page, served

from satchel.errors import IntegrityError, SatchelError
from satchel.window.window_key import FILE_NAME, WindowKey

CHALLENGE = "5c" * 32


def verify(proof: dict[str, str], origin: str, challenge: str = CHALLENGE) -> None:
    """Verify a proof as the extension does. InvalidSignature if it is of another key, address or challenge."""
    message = b"satchel window proof v1\0" + origin.encode() + b"\0" + bytes.fromhex(challenge)
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(proof["public_key"]))
    public.verify(bytes.fromhex(proof["signature"]), message)


def test_a_window_proves_its_home_for_its_own_address_alone(page: Page, home: Path) -> None:
    proof = page.ask("prove_window", challenge=CHALLENGE)
    origin = page.headers["origin"]
    verify(proof, origin)
    assert proof["home"] == str(home)
    for other in (origin + "0", "http://127.0.0.1:1", "http://localhost:" + origin.rpartition(":")[2]):
        with pytest.raises(InvalidSignature):
            verify(proof, other)
    with pytest.raises(InvalidSignature):
        verify(proof, origin, "5d" * 32)


def test_every_window_of_a_home_has_the_same_key_and_every_home_another(
    page: Page, home: Path, tmp_path: Path
) -> None:
    first = page.ask("prove_window", challenge=CHALLENGE)["public_key"]
    with served(home) as again:
        assert again.ask("prove_window", challenge=CHALLENGE)["public_key"] == first
    other = tmp_path / "other"
    shutil.copytree(home, other, ignore=shutil.ignore_patterns(FILE_NAME))
    with served(other) as elsewhere:
        assert elsewhere.ask("prove_window", challenge=CHALLENGE)["public_key"] != first


def test_the_key_is_private_and_no_answer_tells_it(page: Page, home: Path) -> None:
    proof = page.ask("prove_window", challenge=CHALLENGE)
    path = home / FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_bytes())["seed"] not in json.dumps(proof)
    assert repr(WindowKey.of(home)) == "WindowKey()"


@pytest.mark.parametrize("challenge", ["", "5c" * 31, "5c" * 33, "5C" * 32, "zz" * 32, "5c" * 32 + "\n"])
def test_a_malformed_challenge_is_refused(page: Page, challenge: str) -> None:
    assert page.ask("prove_window", 400, challenge=challenge)["code"] == "usage"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"format":"satchel-window-key/1","seed":"00"}',
        b'{"format":"satchel-window-key/1","seed":"zz"}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_key_is_one_clear_line(home: Path, content: bytes) -> None:
    (home / FILE_NAME).write_bytes(content)
    with pytest.raises(IntegrityError, match=r"window-key\.json' is damaged") as caught:
        WindowKey.of(home)
    assert "pair the browser extension" in str(caught.value.hint)


def test_a_key_of_a_newer_format_is_left_as_it_is(home: Path) -> None:
    content = b'{"format":"satchel-window-key/2","seed":"00"}'
    (home / FILE_NAME).write_bytes(content)
    with pytest.raises(SatchelError, match="newer"):
        WindowKey.of(home)
    assert (home / FILE_NAME).read_bytes() == content


def test_a_secret_in_the_address_of_a_text_is_told_before_it_is_saved(page: Page) -> None:
    address = "https://example.com/report?token=8f14e45fceea167a5a36dedd4bea2543"
    assert page.ask("propose", text="some text", source_location=address)["source_secrets"] == 1
    assert (
        page.ask("propose", text="some text", source_location="https://example.com/report")["source_secrets"]
        == 0
    )


def test_the_address_of_a_page_is_the_source_of_the_piece(page: Page) -> None:
    address = "https://example.com/guide#install"
    added = page.ask("add_piece", text="apt install satchel", title="Install", source_location=address)[
        "piece"
    ]
    assert (added["source"]["location"], added["title"]) == (address, "Install")
