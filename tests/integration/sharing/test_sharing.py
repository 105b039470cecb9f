"""Shares with real processes: recipients get the shared content until the share ends."""

import json
import os
from pathlib import Path
from urllib.parse import urlencode

import pytest
import urllib3
from tests.support.device import Device
from tests.support.recorders import InMemory
from tests.support.service import ServiceProcess
from tests.support.waiting import wait_until

from satchel.cloud.client import CloudClient
from satchel.cloud.connection import dial
from satchel.cloud.problems import ConflictError
from satchel.cloud.signed_client import DeviceToken
from satchel.keys import RootSecret
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Proxies
from satchel.sharing.body import SharedPiece
from satchel.sharing.plan import LimitChanges, plan_update
from satchel.sharing.publish import owned_share, update
from satchel.store import Changes, Store

CONTENT = "def greet():\n    return 'h\u00e9llo'\n".encode()


def client_of(device: Device, service: ServiceProcess) -> CloudClient:
    token = DeviceToken(device.vault.load_token())
    return dial(Origin.parse(service.url), token, proxies=Proxies(), recorder=InMemory())


def listed(device: Device, share_id: str) -> dict[str, object]:
    found = [share for share in device.json("shares")["shares"] if share["id"] == share_id]
    assert len(found) == 1
    return dict(found[0])


@pytest.mark.parametrize(
    "content", [CONTENT, b"", bytes(range(256)) * 10, b"\r\nno end of line", b"x" * 3_000_000], ids=len
)
def test_a_link_returns_the_content_byte_for_byte(owner: Device, stranger: Device, content: bytes) -> None:
    link = owner.run("share", owner.save(content)).text
    assert stranger.run("get", link).stdout == content


def test_opening_a_link_needs_no_store_and_leaves_a_ledger_only(owner: Device, stranger: Device) -> None:
    stranger.run("get", owner.run("share", owner.save(CONTENT)).text)
    assert [path.name for path in stranger.home.iterdir()] == ["ledger.db"]
    kinds = [entry["kind"] for entry in stranger.json("ledger")["entries"]]
    assert kinds == ["message", "download"]
    stranger.run("init")
    stranger.run("ledger", "verify")


def test_only_the_link_goes_to_standard_output(owner: Device, service: ServiceProcess) -> None:
    ran = owner.run("share", owner.save(CONTENT))
    assert ran.stdout.count(b"\n") == 1
    assert ran.text.startswith(f"{service.url}/s/")
    assert b"shares revoke" in ran.stderr


def test_a_shared_piece_keeps_its_metadata(owner: Device, stranger: Device) -> None:
    piece = owner.save(
        CONTENT,
        title="Greeter",
        description="says hello",
        language="python",
        tags=("demo",),
        links=("https://example.com/",),
    )
    opened = stranger.json("get", owner.run("share", piece).text)
    assert opened["content"] == CONTENT.decode()
    assert opened["encoding"] == "text"
    assert (opened["title"], opened["description"], opened["language"]) == ("Greeter", "says hello", "python")
    assert (opened["tags"], opened["links"]) == (["demo"], ["https://example.com/"])
    assert opened["size_bytes"] == len(CONTENT)


def test_share_prints_the_limits(owner: Device) -> None:
    made = owner.json("share", owner.save(CONTENT), "--expires", "never", "--views", "3")
    assert set(made) == {"id", "link", "expires", "views", "card", "piece", "is_new"}
    assert (made["expires"], made["views"]) == (None, 3)
    assert owner.json("share", owner.save(CONTENT))["expires"] is not None


def test_a_saved_share_is_a_piece_without_the_key(owner: Device, tmp_path: Path) -> None:
    friend = Device(tmp_path / "friend", RootSecret(b"\x01" * 32))
    link = owner.run("share", owner.save(CONTENT, title="Greeter", language="python")).text
    piece_id = friend.run("get", link, "--save").text
    with Store.open(friend.home) as store:
        piece = store.piece(piece_id)
        assert store.content(piece_id) == CONTENT
    assert (piece.title, piece.language) == ("Greeter", "python")
    assert piece.source is not None
    assert (piece.source.kind, piece.source.location) == ("share", link.partition("#")[0])


def test_a_link_can_come_from_standard_input(owner: Device, stranger: Device) -> None:
    link = owner.run("share", owner.save(CONTENT)).text
    assert stranger.run("get", "-", stdin=f"  {link}\n".encode()).stdout == CONTENT


def test_views_are_counted_and_end_the_share(owner: Device, stranger: Device) -> None:
    made = owner.json("share", owner.save(CONTENT), "--views", "2")
    for opened in (1, 2):
        stranger.run("get", made["link"])
        assert listed(owner, made["id"])["opened"] == opened
    ran = stranger.run("get", made["link"], code=3)
    assert "reached its view limit" in ran.said
    assert listed(owner, made["id"])["state"] == "used-up"


def test_a_rearmed_link_opens_again(owner: Device, stranger: Device) -> None:
    made = owner.json("share", owner.save(CONTENT), "--views", "1")
    stranger.run("get", made["link"])
    stranger.run("get", made["link"], code=3)
    owner.run("shares", "rearm", made["id"], "--views", "2")
    for _ in range(2):
        assert stranger.run("get", made["link"]).stdout == CONTENT
    stranger.run("get", made["link"], code=3)


def test_a_link_expires(owner: Device, stranger: Device) -> None:
    made = owner.json("share", owner.save(CONTENT), "--expires", "5s")
    wait_until(lambda: listed(owner, made["id"])["state"] == "expired")
    assert "has expired" in stranger.run("get", made["link"], code=3).said


def test_a_revoked_link_ends_at_once(owner: Device, stranger: Device) -> None:
    made = owner.json("share", owner.save(CONTENT))
    owner.run("shares", "revoke", made["id"][:8])
    assert "the owner has revoked the link" in stranger.run("get", made["link"], code=3).said
    owner.run("shares", "rearm", made["id"], code=3)


def test_an_unknown_share_is_not_found(owner: Device, stranger: Device) -> None:
    link = owner.run("share", owner.save(CONTENT)).text
    address, _, key = link.partition("#")
    ran = stranger.run("get", f"{address[:-32]}{'0' * 32}#{key}", code=3)
    assert "there is no share" in ran.said


def test_another_shares_key_is_refused_and_takes_no_view(owner: Device, stranger: Device) -> None:
    one = owner.json("share", owner.save(CONTENT), "--views", "1")
    other = owner.run("share", owner.save(b"other")).text
    ran = stranger.run("get", f"{one['link'].partition('#')[0]}#{other.partition('#')[2]}", code=4)
    assert "key does not open" in ran.said
    assert listed(owner, one["id"])["opened"] == 0


def test_a_truncated_link_is_refused_before_any_request(stranger: Device, owner: Device) -> None:
    """The port is closed, so a request would exit with 6."""
    key = owner.run("share", owner.save(CONTENT)).text.partition("#")[2]
    address = "http://127.0.0.1:1/s/" + "0" * 32
    stranger.run("get", f"{address}#{key}", code=6)
    escaped = stranger.run("get", f"{address}%23{key}", code=6)  # is read as a link
    assert key[:12] not in escaped.said
    for wrong in (f"{address}#{key[:-1]}", address):
        ran = stranger.run("get", wrong, code=2)
        assert key[:12] not in ran.said


class TestWithAPassword:
    @pytest.fixture
    def right(self, tmp_path: Path) -> Path:
        path = tmp_path / "right"
        path.write_text("correct horse\n")
        return path

    @pytest.fixture
    def wrong(self, tmp_path: Path) -> Path:
        path = tmp_path / "wrong"
        path.write_text("incorrect horse\n")
        return path

    def test_the_password_opens_the_share_and_a_wrong_one_takes_no_view(
        self, owner: Device, stranger: Device, right: Path, wrong: Path
    ) -> None:
        made = owner.json("share", owner.save(CONTENT), "--views", "1", "--password-file", right)
        ran = stranger.run("get", made["link"], "--password-file", wrong, code=4)
        assert "no view was used" in ran.said
        assert listed(owner, made["id"])["opened"] == 0
        assert stranger.run("get", made["link"], "--password-file", right).stdout == CONTENT
        stranger.run("get", made["link"], "--password-file", right, code=3)

    def test_without_a_terminal_or_a_password_file_the_error_names_the_option(
        self, owner: Device, stranger: Device, right: Path
    ) -> None:
        link = owner.run("share", owner.save(CONTENT), "--password-file", right).text
        assert "--password-file" in stranger.run("get", link, code=2).said
        assert "--password-file" in owner.run("share", owner.save(CONTENT), "--password", code=2).said

    def test_the_link_alone_does_not_open_the_share(self, owner: Device, right: Path) -> None:
        made = owner.json("share", owner.save(CONTENT), "--password-file", right)
        assert listed(owner, made["id"])["has_password"] is True
        raw = urllib3.request("GET", f"{made['link'].partition('#')[0]}/raw", retries=False)
        assert raw.status == 404

    def test_an_update_needs_no_password(self, owner: Device, stranger: Device, right: Path) -> None:
        piece = owner.save(CONTENT)
        made = owner.json("share", piece, "--password-file", right)
        owner.edit(piece, Changes(content=b"new text\n"))
        owner.run("shares", "update", made["id"])
        assert stranger.run("get", made["link"], "--password-file", right).stdout == b"new text\n"


def test_an_update_appears_under_the_same_link(owner: Device, stranger: Device) -> None:
    piece = owner.save(CONTENT, title="before")
    made = owner.json("share", piece)
    owner.edit(piece, Changes(content=b"after\n", title="after"))
    assert stranger.run("get", made["link"]).stdout == CONTENT
    changed = owner.json("shares", "update", made["id"][:10])
    assert changed["version"] == 2
    opened = stranger.json("get", made["link"])
    assert (opened["content"], opened["title"]) == ("after\n", "after")


def test_an_update_may_change_the_limits(owner: Device) -> None:
    made = owner.json("share", owner.save(CONTENT), "--expires", "1h", "--views", "5")
    changed = owner.json("shares", "update", made["id"], "--expires", "never", "--views", "unlimited")
    assert (changed["expires"], changed["views"]) == (None, None)
    updated = owner.json("shares", "update", made["id"], "--views", "9")
    assert (updated["expires"], updated["views"]) == (None, 9)


def test_two_updates_at_once_do_not_overwrite_each_other(
    owner: Device, stranger: Device, service: ServiceProcess
) -> None:
    piece = owner.save(CONTENT)
    made = owner.json("share", piece)
    client, entropy = client_of(owner, service), os.urandom
    share, note = owned_share(client, owner.owner, made["id"])

    def body(text: bytes) -> SharedPiece:
        return SharedPiece(text, "t", "", "", "text/plain", (), (), "2026-01-01T00:00:00Z")

    first, second = (plan_update(share, note, body(t), LimitChanges(), entropy=entropy) for t in (b"1", b"2"))
    assert update(client, first).version == 2
    with pytest.raises(ConflictError, match="has changed since it was read"):
        update(client, second)
    assert stranger.run("get", made["link"]).stdout == b"1"


def test_a_share_outlives_its_piece_and_cannot_be_updated(owner: Device, stranger: Device) -> None:
    piece = owner.save(CONTENT, title="Kept name")
    made = owner.json("share", piece)
    with Store.open(owner.home) as store:
        store.remove(piece)
    assert listed(owner, made["id"])["title"] == "Kept name"
    owner.run("shares", "update", made["id"], code=3)
    assert stranger.run("get", made["link"]).stdout == CONTENT


def test_the_owners_other_device_prints_the_same_link(
    owner: Device, stranger: Device, tmp_path: Path, service: ServiceProcess
) -> None:
    from tests.integration.sharing.conftest import ROOT

    piece = owner.save(CONTENT, title="Greeter")
    made = owner.json("share", piece)
    laptop = Device(tmp_path / "laptop", ROOT)
    laptop.run("connect", service.url, "--pair", owner.json("devices", "add")["code"])
    assert laptop.run("shares", "link", made["id"]).text == made["link"]
    assert listed(laptop, made["id"])["title"] == "Greeter"
    assert listed(laptop, made["id"])["piece"] == piece


def test_wrong_and_ambiguous_share_ids_are_distinguished(owner: Device) -> None:
    owner.run("share", owner.save(CONTENT))
    owner.run("share", owner.save(CONTENT))
    assert "no share has an id" in owner.run("shares", "revoke", "zz", code=3).said
    owner.run("shares", "revoke", "", code=3)
    owner.run("share", "zzzzzz", code=3)


def test_a_device_with_other_keys_sees_a_share_but_not_its_piece(
    owner: Device, service: ServiceProcess, tmp_path: Path
) -> None:
    made = owner.json("share", owner.save(CONTENT, title="Unseen"))
    other = Device(tmp_path / "other", RootSecret(b"\x01" * 32))
    other.run("connect", service.url, "--pair", owner.json("devices", "add")["code"])
    assert (listed(other, made["id"])["piece"], listed(other, made["id"])["title"]) == (None, None)
    assert "not shared with these keys" in other.run("shares").text
    other.run("shares", "update", made["id"], code=5)


@pytest.mark.parametrize("views", ["0", "-1", "many", "1000001", "\u0663"])
def test_views_are_a_number_or_unlimited(owner: Device, views: str) -> None:
    owner.run("share", owner.save(CONTENT), f"--views={views}", code=2)


@pytest.mark.parametrize("expires", ["0d", "5", "soon", "-1h"])
def test_expiry_is_a_duration(owner: Device, expires: str) -> None:
    owner.run("share", owner.save(CONTENT), f"--expires={expires}", code=2)


def test_an_expiry_out_of_range_is_a_usage_error(owner: Device) -> None:
    assert "never" in owner.run("share", owner.save(CONTENT), "--expires", "99999999w", code=2).said


def test_the_table_shows_the_remaining_views(owner: Device, stranger: Device) -> None:
    made = owner.json("share", owner.save(CONTENT, title="Counted"), "--views", "3")
    stranger.run("get", made["link"])
    row = next(line for line in owner.run("shares").text.splitlines() if line.startswith(made["id"][:8]))
    cells = row.split("\t")
    assert cells[1:5] == ["Counted", "live", "1", "2"]


def test_the_cloud_can_read_only_the_card(owner: Device, service: ServiceProcess) -> None:
    secret = b"the-words-that-nobody-may-read\n" * 3
    piece = owner.save(
        secret, title="Greeter", description="private words", language="python", tags=("untold",)
    )
    ran = owner.run("share", piece, "--card", "--yes", "--json")
    made = json.loads(ran.stdout)
    assert made["card"] == {"title": "Greeter", "language": "python", "lines": 3}
    assert b"Greeter" in ran.stderr, "shown before it is published, even to a script"
    page = urllib3.request("GET", made["link"].partition("#")[0]).data.decode()
    assert "Greeter" in page
    assert "python · 3 lines" in page
    assert not any(word in page for word in ("nobody-may-read", "private words", "untold"))


def test_a_cards_title_is_truncated_and_optional(owner: Device) -> None:
    long = owner.json("share", owner.save(CONTENT, title="a title  " * 99), "--card", "--yes")
    assert len(long["card"]["title"]) == 200
    assert owner.json("share", owner.save(b"\x00\x01", title=""), "--card", "--yes")["card"] == {
        "title": "Untitled",
        "language": "",
        "lines": 0,
    }


def test_an_update_keeps_the_card_by_default(owner: Device) -> None:
    piece = owner.save(CONTENT, title="Old")
    made = owner.json("share", piece, "--card", "--yes")
    share, card = made["id"], made["card"]
    owner.edit(piece, Changes(title="New"))
    assert "still says 'Old'" in owner.run("shares", "update", share).said
    assert listed(owner, share)["card"] == {**card, "title": "Old"}
    owner.run("shares", "update", share, "--card", "--yes")
    assert listed(owner, share)["card"] == {**card, "title": "New"}
    owner.run("shares", "update", share, "--no-card")
    assert listed(owner, share)["card"] is None


def test_a_report_reaches_the_owner_and_cannot_control_the_terminal(owner: Device) -> None:
    made = owner.json("share", owner.save(CONTENT))
    words = "line 3 has a token\x1b[2J"
    answer = urllib3.request(
        "POST",
        f"{made['link'].partition('#')[0]}/report",
        body=urlencode({"reason": "secret", "text": words}),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status == 200
    assert listed(owner, made["id"])["reports"] == 1
    (report,) = owner.json("shares", "reports", made["id"][:10])["reports"]
    assert (report["reason"], report["text"]) == ("secret", words)
    shown = owner.run("shares", "reports", made["id"]).stdout
    assert b"line 3 has a token" in shown
    assert b"\x1b" not in shown


def test_only_a_short_password_causes_a_warning(owner: Device, tmp_path: Path) -> None:
    file = tmp_path / "password"
    for password, is_warned in (("1234567", True), ("12345678", False)):
        file.write_text(password)
        warning = owner.run("share", owner.save(CONTENT), "--password-file", file).stderr
        assert (b"could guess it" in warning) == is_warned
        assert password.encode() not in warning
