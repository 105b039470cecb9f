"""The vault: keyring, file or passphrase, and one error for every failure to open."""

import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keyring
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring

from satchel import local_files
from satchel.errors import IntegrityError, NotFoundError, RefusedError, SatchelError
from satchel.keys import RootSecret, Vault, owner_id
from satchel.keys.documents import RootInFile, TokenInFile

if TYPE_CHECKING:
    from tests.unit.keys.conftest import MemoryKeyring

ROOT = RootSecret(b"\x07" * 32)


def never() -> str:
    raise AssertionError("no passphrase was needed")


def document(home: Path, name: str = "root") -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((home / "keys" / f"{name}.json").read_text())
    return loaded


def change(home: Path, **fields: object) -> None:
    path = home / "keys" / "root.json"
    path.write_text(json.dumps(document(home) | fields))


def test_a_home_without_keys_gives_a_hint(vault: Vault) -> None:
    assert not vault.exists()
    for ask in (vault.describe, lambda: vault.load(never)):
        with pytest.raises(NotFoundError) as caught:
            ask()
        assert "satchel init" in caught.value.hint
        assert "satchel recovery use" in caught.value.hint


def test_without_a_keyring_the_secret_is_in_a_private_file_and_the_reason_is_given(
    vault: Vault, home: Path
) -> None:
    description = vault.create(ROOT)
    assert vault.exists()
    assert vault.load(never) == ROOT
    assert description == vault.describe()
    assert (description.kept, description.owner_id) == ("file", owner_id(ROOT))
    assert str(description).endswith("which only you can read, because this system has no keyring")
    assert stat.S_IMODE((home / "keys" / "root.json").stat().st_mode) == 0o600


def test_with_a_keyring_the_secret_is_only_there(
    vault: Vault, home: Path, memory_keyring: "MemoryKeyring"
) -> None:
    description = vault.create(ROOT)
    assert description.kept == "keyring"
    assert str(description) == "in the keyring of this computer"
    assert vault.load(never) == ROOT
    assert list(memory_keyring.entries.values()) == [ROOT.hex()]
    assert ROOT.hex() not in (home / "keys" / "root.json").read_text()


def test_under_a_passphrase_no_other_copy_exists(
    vault: Vault, home: Path, memory_keyring: "MemoryKeyring"
) -> None:
    description = vault.create(ROOT, passphrase="open sesame")
    assert description.kept == "passphrase"
    assert "under a passphrase" in str(description)
    assert vault.load(lambda: "open sesame") == ROOT
    assert memory_keyring.entries == {}
    assert ROOT.hex() not in (home / "keys" / "root.json").read_text()


@pytest.mark.parametrize("backend", [NullKeyring, FailKeyring])
def test_a_placeholder_keyring_is_not_used(vault: Vault, backend: type[NullKeyring]) -> None:
    keyring.set_keyring(backend())
    assert vault.create(ROOT).reason == "this system has no keyring"


def test_a_locked_keyring_is_skipped(vault: Vault, memory_keyring: "MemoryKeyring") -> None:
    memory_keyring.is_locked = True
    assert vault.create(ROOT).reason == "the keyring is locked"
    assert vault.load(never) == ROOT


def test_a_keyring_that_stores_nothing_is_skipped(vault: Vault, memory_keyring: "MemoryKeyring") -> None:
    memory_keyring.forgets = True
    assert vault.create(ROOT).reason == "the keyring did not return the stored value"


def test_a_failing_keyring_is_skipped(
    vault: Vault, memory_keyring: "MemoryKeyring", monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ConnectionResetError(ROOT.hex())

    monkeypatch.setattr(memory_keyring, "set_password", broken)
    assert vault.create(ROOT).reason == "the keyring failed (ConnectionResetError)"


def test_a_keyring_that_is_switched_off_is_not_used(home: Path, memory_keyring: "MemoryKeyring") -> None:
    assert Vault(home, use_keyring=False).create(ROOT).kept == "file"
    assert (
        Vault(home)
        .create(ROOT, use_keyring=False, replace=True)
        .reason.startswith("the keyring is switched off")
    )
    assert memory_keyring.entries == {}


def test_an_unusable_keyring_with_the_secret_is_reported(home: Path, memory_keyring: "MemoryKeyring") -> None:
    Vault(home).create(ROOT)
    memory_keyring.is_locked = True
    with pytest.raises(RefusedError, match="locked") as caught:
        Vault(home).load(never)
    assert "unlock" in caught.value.hint
    with pytest.raises(RefusedError, match="switched off"):
        Vault(home, use_keyring=False).load(never)


def test_a_home_copied_to_another_computer_asks_for_the_words(
    home: Path, memory_keyring: "MemoryKeyring"
) -> None:
    Vault(home).create(ROOT)
    memory_keyring.entries.clear()
    with pytest.raises(NotFoundError, match=r"does not have|has no token") as caught:
        Vault(home).load(never)
    assert "satchel recovery use --replace" in caught.value.hint


def test_two_homes_of_one_owner_have_separate_entries(
    tmp_path: Path, memory_keyring: "MemoryKeyring"
) -> None:
    first, second = Vault(tmp_path / "a"), Vault(tmp_path / "b")
    first.create(ROOT)
    second.create(ROOT)
    first.change_passphrase(never, "open sesame")
    assert second.load(never) == ROOT


def test_keys_are_not_replaced_by_accident(vault: Vault) -> None:
    vault.create(ROOT)
    with pytest.raises(RefusedError, match="already"):
        vault.create(RootSecret(bytes(32)))
    assert vault.load(never) == ROOT
    vault.create(RootSecret(bytes(32)), replace=True)
    assert vault.load(never) == bytes(32)


def test_damaged_keys_can_be_replaced(vault: Vault, home: Path) -> None:
    vault.create(ROOT)
    (home / "keys" / "root.json").write_bytes(b"\xff{")
    vault.create(ROOT, replace=True)
    assert vault.load(never) == ROOT


def test_a_passphrase_can_be_set_changed_and_removed(vault: Vault, memory_keyring: "MemoryKeyring") -> None:
    vault.create(ROOT)
    assert vault.change_passphrase(never, "first").kept == "passphrase"
    assert memory_keyring.entries == {}
    assert vault.change_passphrase(lambda: "first", "second").kept == "passphrase"
    with pytest.raises(IntegrityError):
        vault.load(lambda: "first")
    assert vault.change_passphrase(lambda: "second", None).kept == "keyring"
    assert vault.load(never) == ROOT


def test_a_wrong_passphrase_changes_nothing(vault: Vault, home: Path, wrapped_home: Path) -> None:
    shutil.copytree(wrapped_home, home)
    before = document(home)
    with pytest.raises(IntegrityError):
        vault.change_passphrase(lambda: "wrong", "new")
    assert document(home) == before


def test_a_copy_left_in_the_keyring_is_reported(
    vault: Vault, memory_keyring: "MemoryKeyring", monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    vault.create(ROOT)
    monkeypatch.setattr(memory_keyring, "delete_password", refuse)
    with pytest.raises(SatchelError, match="old copy remains in the keyring"):
        vault.change_passphrase(never, "open sesame")
    assert vault.load(lambda: "open sesame") == ROOT


@pytest.fixture(scope="module")
def wrapped_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose secret is under the passphrase "right"; created once, because it takes half a second."""
    home = tmp_path_factory.mktemp("wrapped")
    Vault(home, use_keyring=False).create(ROOT, passphrase="right")
    return home


UNIFORM: list[tuple[str, Callable[[Path], object]]] = [
    ("wrong passphrase", change),
    ("no json", lambda home: (home / "keys" / "root.json").write_bytes(b"{")),
    ("no text", lambda home: (home / "keys" / "root.json").write_bytes(b"\xff\xfe")),
    ("empty", lambda home: (home / "keys" / "root.json").write_bytes(b"")),
    ("foreign field", lambda home: change(home, extra=1)),
    ("another owner", lambda home: change(home, owner="0" * 32)),
    ("cheap guessing", lambda home: change(home, profile=document(home)["profile"] | {"memory_kib": 8})),
    ("greedy", lambda home: change(home, profile=document(home)["profile"] | {"memory_kib": 1 << 30})),
    ("short", lambda home: change(home, wrapped="00")),
    ("foreign kind", lambda home: change(home, kept="cloud")),
    ("zeros", lambda home: change(home, wrapped="0" * 96)),
]


@pytest.mark.parametrize("damage", [damage for _, damage in UNIFORM], ids=[name for name, _ in UNIFORM])
def test_every_failure_to_open_is_the_same_error(
    vault: Vault, home: Path, wrapped_home: Path, damage: Callable[[Path], object]
) -> None:
    shutil.copytree(wrapped_home, home)
    damage(home)
    with pytest.raises(IntegrityError) as caught:
        vault.load(lambda: "wrong")
    assert str(caught.value) == "the root secret cannot be opened"
    assert caught.value.exit_code == 5


def test_a_changed_secret_in_the_file_is_the_same_error(vault: Vault, home: Path) -> None:
    vault.create(ROOT)
    change(home, secret="00" * 32)
    with pytest.raises(IntegrityError, match="cannot be opened"):
        vault.load(never)


@pytest.mark.parametrize("value", ["", "zz", "00", "00" * 32])
def test_a_changed_secret_in_the_keyring_is_the_same_error(
    vault: Vault, memory_keyring: "MemoryKeyring", value: str
) -> None:
    vault.create(ROOT)
    for name in memory_keyring.entries:
        memory_keyring.entries[name] = value
    with pytest.raises(IntegrityError, match="cannot be opened"):
        vault.load(never)


def test_keys_in_a_newer_format_ask_for_an_update(vault: Vault, home: Path) -> None:
    vault.create(ROOT)
    change(home, format="satchel-root/2", more=True)
    with pytest.raises(SatchelError, match="satchel-root/2") as caught:
        vault.load(never)
    assert caught.value.hint == "update satchel"


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.binary(max_size=200))
def test_arbitrary_contents_of_the_file_are_handled(vault: Vault, home: Path, data: bytes) -> None:
    (home / "keys").mkdir(parents=True, exist_ok=True)
    (home / "keys" / "root.json").write_bytes(data)
    with pytest.raises(IntegrityError):
        vault.load(never)


def test_a_readable_file_is_made_private_on_use(vault: Vault, home: Path) -> None:
    vault.create(ROOT)
    path = home / "keys" / "root.json"
    path.chmod(0o644)
    assert vault.load(never) == ROOT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_file_of_another_user_is_refused_unless_it_is_under_a_passphrase(vault: Vault, home: Path) -> None:
    path = home / "keys" / "root.json"
    vault.create(ROOT)
    os.chown(path, 65534, 65534)
    with pytest.raises(RefusedError, match="others on this computer"):
        vault.load(never)
    assert vault.change_passphrase(never, "open sesame").kept == "passphrase"
    os.chown(path, 65534, 65534)
    assert vault.load(lambda: "open sesame") == ROOT


@pytest.fixture
def _drive_without_permissions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behave like FAT: every file is readable by everyone."""
    monkeypatch.setattr(local_files, "FILE_MODE", 0o644)


@pytest.mark.usefixtures("_drive_without_permissions")
def test_without_file_permissions_only_a_wrapped_secret_is_stored(vault: Vault, home: Path) -> None:
    with pytest.raises(RefusedError, match="others on this computer") as caught:
        vault.create(ROOT)
    assert "passphrase" in caught.value.hint
    assert list((home / "keys").iterdir()) == []
    vault.create(ROOT, passphrase="open sesame")
    assert vault.load(lambda: "open sesame") == ROOT


@pytest.mark.usefixtures("_drive_without_permissions")
def test_without_file_permissions_no_token_is_stored(vault: Vault, home: Path) -> None:
    with pytest.raises(RefusedError, match="nor a private file"):
        vault.store_token(TOKEN)
    assert list((home / "keys").iterdir()) == []


def test_reprs_of_documents_hide_secrets() -> None:
    for document in (
        RootInFile(owner="0" * 32, secret=ROOT.hex(), reason="a reason"),
        TokenInFile(token=TOKEN),
    ):
        assert ROOT.hex() not in repr(document)
        assert TOKEN not in repr(document)


def test_no_error_contains_the_secret_or_the_passphrase(vault: Vault, home: Path, wrapped_home: Path) -> None:
    shutil.copytree(wrapped_home, home)
    with pytest.raises(SatchelError) as caught:
        vault.load(lambda: "close sesame")
    shown = repr(caught.value) + str(caught.value) + caught.value.hint + repr(vault.describe())
    assert "sesame" not in shown
    assert ROOT.hex() not in shown


TOKEN = "device-token-for-a-test"


def test_without_a_keyring_the_token_is_in_a_private_file(vault: Vault, home: Path) -> None:
    vault.store_token(TOKEN)
    assert vault.load_token() == TOKEN
    assert stat.S_IMODE((home / "keys" / "token.json").stat().st_mode) == 0o600


def test_a_new_token_replaces_the_one_in_the_keyring(
    vault: Vault, home: Path, memory_keyring: "MemoryKeyring"
) -> None:
    vault.store_token("the one before")
    vault.store_token(TOKEN)
    assert vault.load_token() == TOKEN
    assert list(memory_keyring.entries.values()) == [TOKEN]
    assert TOKEN not in (home / "keys" / "token.json").read_text()
    vault.delete_token()
    assert memory_keyring.entries == {}
    assert not (home / "keys" / "token.json").exists()


def test_a_missing_token_asks_to_connect(vault: Vault, home: Path) -> None:
    with pytest.raises(RefusedError, match="no token") as caught:
        vault.load_token()
    assert "satchel connect" in caught.value.hint
    vault.delete_token()


def test_a_damaged_token_can_be_deleted(vault: Vault, home: Path) -> None:
    vault.store_token(TOKEN)
    (home / "keys" / "token.json").write_bytes(b"\xff")
    with pytest.raises(RefusedError, match="damaged"):
        vault.load_token()
    vault.delete_token()
    with pytest.raises(RefusedError, match="no token"):
        vault.load_token()


def test_an_unusable_keyring_with_the_token_is_reported(
    vault: Vault, memory_keyring: "MemoryKeyring"
) -> None:
    vault.store_token(TOKEN)
    memory_keyring.is_locked = True
    with pytest.raises(RefusedError, match="locked"):
        vault.load_token()
    memory_keyring.is_locked = False
    memory_keyring.entries.clear()
    with pytest.raises(RefusedError, match=r"does not have|has no token"):
        vault.load_token()
    memory_keyring.is_locked = True
    vault.delete_token()
    memory_keyring.is_locked = False
    with pytest.raises(RefusedError, match="no token"):
        vault.load_token()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_token_that_others_can_read_is_refused(vault: Vault, home: Path) -> None:
    vault.store_token(TOKEN)
    os.chown(home / "keys" / "token.json", 65534, 65534)
    with pytest.raises(RefusedError, match="others on this computer"):
        vault.load_token()


def test_a_token_in_a_newer_format_asks_for_an_update(vault: Vault, home: Path) -> None:
    vault.store_token(TOKEN)
    path = home / "keys" / "token.json"
    path.write_text(json.dumps(document(home, "token") | {"format": "satchel-token/9"}))
    with pytest.raises(SatchelError, match="satchel-token/9"):
        vault.load_token()
