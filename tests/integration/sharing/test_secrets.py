"""A Piece with a planted key is not shared, unless its owner says so. Nothing prints the key."""

import subprocess
from random import Random
from typing import Final

from tests.support.device import PROGRAM, Device

from models.secrets.tokens import example_of
from satchel.models.secrets.shapes import parse

TOKEN: Final = example_of(parse("ghp_{base62:36}"), Random(8), "crc32")
HOLDING: Final = f"token = '{TOKEN}'\n".encode()


def shares(owner: Device) -> list[tuple[str, int]]:
    return [(one["id"], one["version"]) for one in owner.json("shares")["shares"]]


def run(owner: Device, *arguments: str) -> tuple[int, str]:
    """Run a command; return its exit code and everything it printed."""
    done = subprocess.run(
        [PROGRAM, *arguments], env=owner.environ, capture_output=True, check=False, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_a_share_of_a_planted_key_stops_before_anything_is_sent(owner: Device) -> None:
    piece, before = owner.save(HOLDING), shares(owner)
    code, printed = run(owner, "share", piece)
    shows_the_key = TOKEN[8:] in printed
    assert (code, shows_the_key) == (4, False)
    assert "line 1: GitHub personal access token, ghp_… (github)" in printed
    assert shares(owner) == before
    code, printed = run(owner, "share", piece, "--allow-secrets")
    assert code == 0
    assert len(shares(owner)) == len(before) + 1


def test_an_update_stops_too_and_the_old_version_stays(owner: Device) -> None:
    piece = owner.save(b"print('clean')\n")
    share = owner.json("share", piece)["id"]
    owner.run("edit", piece, "-", stdin=HOLDING)
    assert run(owner, "shares", "update", share)[0] == 4
    assert (share, 1) in shares(owner)
    assert run(owner, "shares", "update", share, "--allow-secrets")[0] == 0
    assert (share, 2) in shares(owner)


def test_a_secret_in_the_title_stops_a_share(owner: Device) -> None:
    piece = owner.save(b"print('a title')\n")
    owner.run("edit", piece, "--title", f"try {TOKEN}")
    code, printed = run(owner, "share", piece, "--card", "--yes")
    assert code == 4
    assert "title: GitHub personal access token" in printed


def test_an_allowed_value_is_shared(owner: Device) -> None:
    piece = owner.save(HOLDING + b"# again\n")
    owner.run("secrets", "--allow", f"{piece}:1")
    assert run(owner, "share", piece)[0] == 0
    (owner.home / "allowed-secrets.json").unlink()
