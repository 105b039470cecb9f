"""Interoperability with the `age` program in both directions."""

import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest

from satchel.age import (
    ScryptIdentity,
    ScryptRecipient,
    SealedFile,
    X25519Identity,
    armor,
    dearmor,
    seal,
    sealed_size,
    unseal,
)

pytestmark = pytest.mark.tool("age", "age-keygen")

SIZES = [0, 1, 65535, 65536, 65537, 131072, 1 << 20, (1 << 20) + 1, 3_000_000]
PASSPHRASE = "correct horse battery staple"
TIMEOUT_S = 60


def age(*arguments: "str | Path", given: bytes = b"") -> bytes:
    run = subprocess.run(
        ["age", *map(str, arguments)], input=given, capture_output=True, check=False, timeout=TIMEOUT_S
    )
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout


# age prompts on /dev/tty, so it needs a controlling terminal: make standard input that terminal, then exec age.
ON_A_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp('age', sys.argv[1:])"
)


def age_with_passphrase(*arguments: "str | Path", answers: int) -> None:
    """Run age on its own terminal and type the passphrase at every prompt."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", ON_A_TERMINAL, "age", *map(str, arguments)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as run:
        os.close(theirs)
        shown = ""
        for _ in range(answers):
            shown += read_until(ours, ":")
            os.write(ours, PASSPHRASE.encode() + b"\n")
        shown += read_until(ours, None)
        os.close(ours)
        assert run.wait(TIMEOUT_S) == 0, shown


def read_until(terminal: int, prompt: str | None) -> str:
    """Read the terminal up to the prompt, or to the end of the program if it is None."""
    shown = b""
    while select.select([terminal], [], [], TIMEOUT_S)[0]:
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # the program closed its side
            break
        visible = re.sub(rb"\x1b\[[0-9;]*[A-Za-z]", b"", shown).decode(errors="replace").rstrip()
        if prompt is not None and visible.endswith(prompt):
            break
    return shown.decode(errors="replace")


@pytest.fixture
def me(tmp_path: Path) -> X25519Identity:
    (tmp_path / "key").write_text(f"{(identity := X25519Identity.generate())}\n")
    return identity


@pytest.mark.parametrize("size", SIZES)
def test_age_opens_what_we_seal(tmp_path: Path, me: X25519Identity, size: int) -> None:
    plain = os.urandom(size)
    assert age("-d", "-i", tmp_path / "key", given=seal(plain, [me.recipient])) == plain


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_age_seals(me: X25519Identity, size: int) -> None:
    plain = os.urandom(size)
    sealed = age("-r", str(me.recipient), given=plain)
    assert unseal(sealed, [me]) == plain
    file = SealedFile(lambda at, length: sealed[at : at + length], len(sealed), [me])
    assert file.size == size
    assert file.read_at(size // 2, size) == plain[size // 2 :]
    assert sealed_size(size, [me.recipient]) <= len(sealed)  # age may add a grease stanza


def test_armored_files_work_in_both_directions(tmp_path: Path, me: X25519Identity) -> None:
    assert age("-d", "-i", tmp_path / "key", given=armor(seal(b"text", [me.recipient]))) == b"text"
    assert unseal(dearmor(age("-a", "-r", str(me.recipient), given=b"text")), [me]) == b"text"


def test_several_recipients_work_in_both_directions(tmp_path: Path, me: X25519Identity) -> None:
    other = X25519Identity.generate()
    sealed = age("-r", str(other.recipient), "-r", str(me.recipient), given=b"for both")
    assert unseal(sealed, [me]) == unseal(sealed, [other]) == b"for both"
    ours = seal(b"for both", [other.recipient, me.recipient])
    assert age("-d", "-i", tmp_path / "key", given=ours) == b"for both"


def test_keys_are_interchangeable_with_age(tmp_path: Path, me: X25519Identity) -> None:
    made = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True).stdout
    identity = X25519Identity.parse(made.splitlines()[-1])
    assert f"public key: {identity.recipient}" in made
    converted = subprocess.run(
        ["age-keygen", "-y", str(tmp_path / "key")], capture_output=True, text=True, check=True
    )
    assert converted.stdout.strip() == str(me.recipient)


def test_age_opens_what_we_seal_to_a_passphrase(tmp_path: Path) -> None:
    (tmp_path / "sealed").write_bytes(seal(b"a phrase for it", [ScryptRecipient(PASSPHRASE, log_n=10)]))
    age_with_passphrase("-d", "-o", tmp_path / "plain", tmp_path / "sealed", answers=1)
    assert (tmp_path / "plain").read_bytes() == b"a phrase for it"


def test_we_open_what_age_seals_to_a_passphrase(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"a phrase for it")
    age_with_passphrase("-p", "-o", tmp_path / "sealed", tmp_path / "plain", answers=2)
    assert unseal((tmp_path / "sealed").read_bytes(), [ScryptIdentity(PASSPHRASE)]) == b"a phrase for it"


def test_age_refuses_an_unfinished_file(tmp_path: Path, me: X25519Identity) -> None:
    sealed = seal(os.urandom(100_000), [me.recipient])[:-1]
    run = subprocess.run(
        ["age", "-d", "-i", str(tmp_path / "key")], input=sealed, capture_output=True, check=False
    )
    assert run.returncode != 0
