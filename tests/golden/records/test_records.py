"""Records that an earlier version wrote into a home stay readable: schedules, runs, the check of the words, heads of audit logs, accounts, connections."""

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from satchel.cloud.audit_heads import AuditHeads
from satchel.cloud.connection import Connection, read_connection, save_connection
from satchel.cloud.signed_client import DeviceToken
from satchel.errors import IntegrityError
from satchel.keys import Vault
from satchel.keys.confirmation import confirmed_at
from satchel.keys.systemkeyring import SystemKeyring
from satchel.outgoing.address import Origin
from satchel.schedule import schedules
from satchel.schedule.runs import read_run
from satchel.signin.account import AccountStore

GOLDEN = Path(__file__).parent
OWNER = "00112233445566778899aabbccddeeff"


def put(home: Path, name: str, path: str) -> None:
    (home / path).parent.mkdir(parents=True, exist_ok=True)
    (home / path).write_bytes((GOLDEN / name).read_bytes())


def test_schedules_of_version_1_are_read(tmp_path: Path) -> None:
    document = msgspec.json.decode((GOLDEN / "schedules-1.json").read_bytes())
    document["schedules"][0]["home"] = str(tmp_path)
    (tmp_path / "schedules.json").write_bytes(msgspec.json.encode(document))
    (found,) = schedules.read_schedules(tmp_path)
    assert (found.name, found.every_s, found.on_battery, found.manager) == (
        "backup",
        86_400,
        False,
        "systemd",
    )


def test_a_run_of_version_1_is_read(tmp_path: Path) -> None:
    put(tmp_path, "run-1.json", "schedules/backup.json")
    run = read_run(tmp_path, "backup")
    assert run is not None
    assert (run.exit_code, run.message) == (6, "the cloud is full")
    assert run.last_success == dt.datetime(2026, 11, 1, 6, 17, tzinfo=dt.UTC)


def test_a_check_of_the_words_of_version_1_is_read(tmp_path: Path) -> None:
    put(tmp_path, "recovery-check-1.json", "keys/confirmed.json")
    assert confirmed_at(tmp_path, OWNER) == dt.datetime(2026, 11, 1, 6, tzinfo=dt.UTC)
    assert confirmed_at(tmp_path, OWNER.replace("0", "1")) is None


def test_the_heads_of_audit_logs_of_version_1_are_read(tmp_path: Path) -> None:
    put(tmp_path, "audit-heads-1.json", "audit-heads.json")
    head = AuditHeads(tmp_path).find("https://cloud.example.com")
    assert head is not None
    assert head.link == (42, bytes(range(32)))
    assert head.seen == dt.datetime(2026, 11, 1, 6, tzinfo=dt.UTC)
    assert AuditHeads(tmp_path).find("https://other.example.com") is None


def test_an_account_and_a_sign_in_of_version_1_are_read(tmp_path: Path) -> None:
    put(tmp_path, "account-1.json", "account.json")
    put(tmp_path, "sign-in-1.json", "sign-in.json")
    store = AccountStore(tmp_path, SystemKeyring(is_on=False))
    account = store.read()
    assert account is not None
    assert (account.issuer, account.subject) == ("https://tenant.example.com/", "auth0|123")
    assert account.signed_in == dt.datetime(2026, 11, 1, 6, tzinfo=dt.UTC)
    assert account.has_second_factor
    cloud, before = Origin.parse("https://cloud.example.com"), dt.datetime(2026, 11, 1, 5, tzinfo=dt.UTC)
    pending = store.take_pending(cloud, before)
    assert pending is not None
    assert (pending.id_token, pending.nonce) == ("header.payload.signature", "a-nonce-of-the-cloud")


def test_a_connection_of_version_1_is_read_and_written(tmp_path: Path) -> None:
    put(tmp_path, "cloud-1.json", "cloud.json")
    found = read_connection(tmp_path)
    assert (str(found.origin), found.device_id, found.allow_http) == (
        "https://cloud.example.com",
        OWNER,
        False,
    )
    assert found.provisioner is None
    assert saved(tmp_path, found) == (GOLDEN / "cloud-1.json").read_bytes()


def test_a_connection_of_version_2_is_read_and_written(tmp_path: Path) -> None:
    put(tmp_path, "cloud-2.json", "cloud.json")
    found = read_connection(tmp_path)
    assert str(found.provisioner) == "https://satchel.example.org"
    assert found.origin.host.endswith(".s1.satchel.example.org")
    assert saved(tmp_path, found) == (GOLDEN / "cloud-2.json").read_bytes()


@pytest.mark.parametrize("members", [b"", b'"more":[1],', b'"device_id":null,'])
def test_a_connection_of_a_later_version_says_what_to_do(tmp_path: Path, members: bytes) -> None:
    """Its members may be any: it is not damaged, and deleting it would lose the device's access."""
    later = (GOLDEN / "cloud-1.json").read_bytes().replace(b"satchel-cloud/1", b"satchel-cloud/9")
    (tmp_path / "cloud.json").write_bytes(later.replace(b"{", b"{" + members, 1))
    with pytest.raises(IntegrityError, match="'satchel-cloud/9', which this version does not know") as caught:
        read_connection(tmp_path)
    assert "update satchel" in caught.value.hint


def test_a_connection_with_an_unknown_member_is_damaged(tmp_path: Path) -> None:
    known = (GOLDEN / "cloud-1.json").read_bytes()
    (tmp_path / "cloud.json").write_bytes(known.replace(b"{", b'{"more":1,', 1))
    with pytest.raises(IntegrityError, match="is damaged"):
        read_connection(tmp_path)


def saved(folder: Path, connection: Connection) -> bytes:
    home = folder / "written"
    home.mkdir()
    save_connection(home, Vault(home, use_keyring=False), connection, DeviceToken("token"))
    return (home / "cloud.json").read_bytes()


@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.glob("*.json")))
def test_every_record_names_its_version(name: str) -> None:
    kind, _, version = name.removesuffix(".json").rpartition("-")
    assert msgspec.json.decode((GOLDEN / name).read_bytes())["format"] == f"satchel-{kind}/{version}"
