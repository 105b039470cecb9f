"""Secrets of the device appear nowhere else: not on the wire, not in a log, not on a disk."""

from pathlib import Path

import pytest
from tests.support.device import Device
from tests.support.service import ServiceProcess
from tests.support.wiretap import Wiretap

from satchel.keys import RootSecret

TEXT = "the-text-of-a-very-private-piece"
TITLE = "the-title-of-a-very-private-piece"
PASSWORD = "the-password-of-a-share"
LABEL = "the-name-of-my-computer"


def parts_of(secret: str) -> list[bytes]:
    """Return parts of a secret that are too long to match by chance, in every letter case."""
    whole = secret.encode()
    parts = [whole[at : at + 12] for at in range(0, len(whole) - 12, 6)] or [whole]
    return [*parts, *(part.upper() for part in parts)]


def assert_nowhere(secrets: dict[str, str], places: dict[str, bytes]) -> None:
    """Fail if any part of a secret is in any place, naming both without showing the secret."""
    found = [
        f"{name} in {place}"
        for name, secret in secrets.items()
        for place, data in places.items()
        if any(part in data for part in parts_of(secret))
    ]
    assert not found, found


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD)
    return path


def test_no_secret_appears_on_the_wire_in_a_log_or_on_the_clouds_disk(
    tmp_path: Path, password_file: Path
) -> None:
    """Run every sharing command over a recorded connection, which must carry no key and no plain text."""
    messages: list[str] = []
    with ServiceProcess(tmp_path / "cloud") as service, Wiretap(service.url) as wire:
        owner = Device(tmp_path / "owner", RootSecret(b"\x33" * 32))
        friend = Device(tmp_path / "friend")
        code = service.pairing_code
        messages.append(owner.run("connect", wire.url, "--pair", code, "--label", LABEL, "--debug").said)
        token = owner.vault.load_token()
        piece = owner.save(TEXT.encode(), title=TITLE)
        plain = owner.run("share", piece, "--debug")
        locked = owner.run("share", piece, "--views", "1", "--password-file", password_file, "--debug")
        messages += [plain.stderr.decode(), locked.stderr.decode()]
        messages.append(friend.run("get", plain.text, "--debug").stderr.decode())
        wrong = tmp_path / "wrong"
        wrong.write_text("another-password")
        messages.append(friend.run("get", locked.text, "--password-file", wrong, "--debug", code=4).said)
        friend.run("get", locked.text, "--password-file", password_file)
        messages.append(
            friend.run("get", locked.text, "--password-file", password_file, "--debug", code=3).said
        )
        for command in ("update", "rearm", "revoke"):
            share_id = plain.text.partition("/s/")[2][:32]
            messages.append(owner.run("shares", command, share_id, "--debug").said)
        service.kill()
        messages.append(friend.run("get", plain.text, "--debug", code=6).said)
        sent, received = wire.sent, wire.received
        stored = b"".join(path.read_bytes() for path in sorted(service.folder.rglob("*")) if path.is_file())
        log = service.log().encode()
    keys = {"key": plain.text.partition("#")[2], "locked key": locked.text.partition("#")[2]}
    assert all(len(key) == 58 for key in keys.values())
    texts = {"text": TEXT, "title": TITLE, "password": PASSWORD, "label": LABEL}
    wires = {"requests": sent, "responses": received, "the cloud's files": stored, "the cloud's log": log}
    assert_nowhere(keys | texts, wires)
    errors = {"the messages": "".join(messages).encode()}
    assert_nowhere(keys | {"token": token, "text": TEXT, "password": PASSWORD}, errors)
    assert_nowhere({"token": token}, {"the cloud's files": stored, "the cloud's log": log})
    assert token.encode() in sent  # proves that the recording contains requests


def test_opening_a_link_sends_no_token(tmp_path: Path) -> None:
    """The owner opens their own link; the request looks like a stranger's."""
    with ServiceProcess(tmp_path / "cloud") as service:
        owner = Device(tmp_path / "owner", RootSecret(b"\x33" * 32))
        owner.run("connect", service.url, "--pair", service.pairing_code)
        link = owner.run("share", owner.save(TEXT.encode())).text
        with Wiretap(service.url) as wire:
            owner.run("get", link.replace(service.url, wire.url))
            sent = wire.sent.lower()
    assert b"post /v1/shares/" in sent
    assert b"authorization" not in sent
    assert b"cookie" not in sent
    assert b"referer" not in sent


def test_only_the_owner_can_read_the_token(tmp_path: Path) -> None:
    with ServiceProcess(tmp_path / "cloud") as service:
        owner = Device(tmp_path / "owner", RootSecret(b"\x33" * 32))
        owner.run("connect", service.url, "--pair", service.pairing_code)
    token = owner.vault.load_token().encode()
    holding = [path for path in owner.home.rglob("*") if path.is_file() and token in path.read_bytes()]
    assert [path.relative_to(owner.home).as_posix() for path in holding] == ["keys/token.json"]
    for path in (*holding, owner.home / "cloud.json"):
        assert path.stat().st_mode & 0o077 == 0


def test_an_opening_whose_response_is_lost_is_not_repeated(tmp_path: Path) -> None:
    """The view is used and the response lost; a second request could use a second view."""
    with ServiceProcess(tmp_path / "cloud") as service:
        owner = Device(tmp_path / "owner", RootSecret(b"\x33" * 32))
        owner.run("connect", service.url, "--pair", service.pairing_code)
        made = owner.json("share", owner.save(TEXT.encode()), "--views", "5")
        with Wiretap(service.url, cut=lambda sent: b"/open" in sent) as wire:
            owner.run("get", made["link"].replace(service.url, wire.url), code=6)
        (share,) = owner.json("shares")["shares"]
    assert share["opened"] == 1
