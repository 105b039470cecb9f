"""Looks everywhere for the canaries of a whole life. `allowed` says which may be where; no others are found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from tests.security.canaries.life import Life, live
from tests.security.canaries.places import (
    files_below,
    memory_of,
    processes_of,
    reported,
    request_lines,
    visible_of,
)
from tests.security.canaries.planted import PUBLIC
from tests.security.canaries.searching import Found, search
from tests.security.canaries.window import DRAFT
from tests.support.s3_servers import moto
from tests.support.service import ServiceProcess
from tests.support.wiretap import Wiretap

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

CREDENTIALS: Final = ("token", "proof of", "pairing code")
"""Secrets that a request must carry: the cloud receives them, and stores their hashes only."""


@dataclass(frozen=True)
class Seen:
    """A life, and everything that could be seen of it from outside."""

    life: Life
    stored: Mapping[str, bytes]
    log: bytes
    console: bytes
    sent: bytes
    received: bytes
    memory: Mapping[str, bytes]
    visible: Mapping[str, bytes]
    storage_log: bytes = b""


@pytest.fixture(scope="module", params=["directory", "bucket"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Live a life on a directory, and another on a bucket. The memory is read while the service runs."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "directory":
        yield _live(folder, ServiceProcess(folder / "cloud"))
        return
    with moto(folder) as server:
        service = ServiceProcess(folder / "cloud", server.environ("prefix"))
        found = _live(folder, service, is_whole=False)
        client = server.client()
        keys = [each["Key"] for each in client.list_objects_v2(Bucket=server.bucket).get("Contents", ())]
        bucket = {
            f"the object {key}": key.encode()
            + client.get_object(Bucket=server.bucket, Key=key)["Body"].read()
            for key in keys
        }
        assert bucket
        log = (folder / "moto.log").read_bytes()
        yield Seen(**{**vars(found), "stored": {**found.stored, **bucket}, "storage_log": log})


def _live(folder: Path, service: ServiceProcess, *, is_whole: bool = True) -> Seen:
    with service, Wiretap(service.url) as tap:
        life = live(folder, service, tap, is_whole=is_whole)
        assert service.process is not None
        processes = processes_of(service.process.pid)
        assert len(processes) >= 2
        memory = {
            f"memory of process {number}": b"".join(memory_of(each)) for number, each in enumerate(processes)
        }
        visible = {
            f"process {number} of the service": visible_of(each) for number, each in enumerate(processes)
        }
        stored = files_below(service.folder) if service.folder.is_dir() else {}
        stored |= files_below(service.local, "local ")
        service.stop()
        after = files_below(service.folder, "after its end: ") if service.folder.is_dir() else {}
        return Seen(
            life, stored | after, service.output.read_bytes(), service.errors.read_bytes(), tap.sent, tap.received,
            memory, visible,
        )  # fmt: skip


def unexpected(life: Life, places: Mapping[str, bytes], *allowed: str, expands: bool = True) -> list[Found]:
    """Return what is found of the life's secrets, except those whose name begins with an allowed text."""
    secrets = {
        name: value for name, value in life.secrets.items() if not any(each in name for each in allowed)
    }
    return search(secrets, places, expands=expands)


def test_the_cloud_stores_nothing_but_a_report(seen: Seen) -> None:
    """The card of the life was revoked, so its title is gone from the storage too."""
    assert unexpected(seen.life, seen.stored, "report") == []


def test_the_logs_hold_no_canary(seen: Seen) -> None:
    assert unexpected(seen.life, {"the log": seen.log, "the storage's log": seen.storage_log}) == []
    assert unexpected(seen.life, {"the console": seen.console}, "first pairing code") == []


def test_the_lines_of_requests_hold_no_canary(seen: Seen) -> None:
    lines = request_lines(seen.sent)
    assert lines.count(b" HTTP/1.1") > 20
    assert unexpected(seen.life, {"request lines": lines}) == []


def test_a_request_carries_credentials_and_what_is_public_only(seen: Seen) -> None:
    assert unexpected(seen.life, {"requests": seen.sent}, *CREDENTIALS, *PUBLIC) == []


def test_a_response_carries_only_what_the_cloud_made_itself_and_reports(seen: Seen) -> None:
    assert (
        unexpected(seen.life, {"responses": seen.received}, "token", "pairing code of a device", *PUBLIC)
        == []
    )


def test_strangers_get_nothing_but_a_card(seen: Seen) -> None:
    assert unexpected(seen.life, seen.life.pages, "card_title") == []


def test_the_memory_of_the_service_holds_credentials_and_what_is_public_only(seen: Seen) -> None:
    assert sum(map(len, seen.memory.values())) > 5 << 20
    assert search(
        {"token": seen.life.secrets["owner's token"]}, seen.memory, expands=False
    )  # the last request's
    assert unexpected(seen.life, seen.memory, *CREDENTIALS, *PUBLIC, expands=False) == []


def test_the_processes_of_the_service_show_no_canary(seen: Seen) -> None:
    assert all(seen.visible.values())
    assert unexpected(seen.life, seen.visible) == []


def test_a_window_refuses_without_quoting_what_was_typed(seen: Seen) -> None:
    assert len(seen.life.refusals) == 10
    assert unexpected(seen.life, seen.life.refusals) == []


def test_the_processes_of_a_window_show_no_canary(seen: Seen) -> None:
    assert len(seen.life.visible) == 2
    assert unexpected(seen.life, seen.life.visible) == []


def test_started_processes_show_no_canary(seen: Seen) -> None:
    """What a person typed is on the person's own command line; no program passes it on to another."""
    found = reported(seen.life.processes)
    started = [each for each in found if each["kind"] != "python"]
    assert len(found) >= len(seen.life.said)
    assert started or "protected" not in seen.life.homes
    places = {f"process {number}": str(each).encode() for number, each in enumerate(started)}
    assert unexpected(seen.life, places) == []
    environs = {f"environment {number}": str(each["environ"]).encode() for number, each in enumerate(found)}
    assert unexpected(seen.life, environs) == []


def test_commands_leave_no_temporary_file(seen: Seen) -> None:
    assert seen.life.temporary == {}


def test_standard_error_holds_no_secret_and_no_content(seen: Seen) -> None:
    """Every command ran with --debug, many failed. Names, as of a file that is missing, may be repeated to who typed them."""
    named = ("title", "tag", "query", "file_name", "further_name", "source_folder", "device", "fragment")
    assert unexpected(seen.life, seen.life.said, *named) == []


def test_answers_hold_no_secret_that_was_not_asked_for(seen: Seen) -> None:
    fields = (
        "content",
        "title",
        "description",
        "tag",
        "link",
        "name",
        "folder",
        "imported",
        "device",
        "asked",
        "answer",
        "report",
    )
    for command, answer in seen.life.answered.items():
        words = ["recovery words"] if "recovery show" in command else []
        asked = [*fields, "query", "fragment", "pairing code of a device", *words]
        assert unexpected(seen.life, {command: answer}, *asked) == []


def test_only_the_store_the_index_and_the_keys_of_a_home_hold_canaries(seen: Seen) -> None:
    for name, home in seen.life.homes.items():
        files = {path: data for path, data in files_below(home).items() if not is_plain(path)}
        places = {f"{name}'s {path}": data for path, data in files.items()}
        assert unexpected(seen.life, places, "unsaved") == [], name


def test_drafts_and_preferences_are_in_files_of_their_own_and_in_no_copy(seen: Seen) -> None:
    """Of the owner, who typed them. Neither a backup nor an export, nor another device that restores one, has them."""
    wanted = ("draft", "draft_fields", "draft_file", "draft_attached", "preference")
    typed = {name: seen.life.secrets[name] for name in wanted}
    homes = {name: files_below(home) for name, home in seen.life.homes.items()}
    found = {(each.name, each.place) for each in search(typed, homes.pop("owner"))}
    [attached] = [place for name, place in found if name == "draft_attached"]
    assert attached.startswith("window-drafts/files/")
    draft = f"window-drafts/{DRAFT}.json"
    expected = {(name, draft) for name in ("draft", "draft_fields", "draft_file")}
    assert found == {*expected, ("draft_attached", attached), ("preference", "window.json")}
    for name, files in homes.items():
        assert search(typed, files) == [], name
    if seen.life.copies:
        assert search({"title": seen.life.secrets["title"]}, seen.life.copies)
        assert search(typed, seen.life.copies) == []


def is_plain(path: str) -> bool:
    """Whether a file of a home holds Pieces, drafts or keys by design."""
    plain = ("store.db", "index.db", "previous", "keys/", "keys", "window-drafts/", "window.json")
    return path.startswith(plain) or "unsaved" in path


def test_each_key_is_in_its_own_file(seen: Seen) -> None:
    owner = files_below(seen.life.homes["owner"])
    keys = {
        name: value for name, value in seen.life.secrets.items() if name in ("root secret", "owner's token")
    }
    found = {(each.name, each.place) for each in search(keys, owner)}
    assert found == {("root secret", "keys/root.json"), ("owner's token", "keys/token.json")}
    if "protected" in seen.life.homes:
        kept = unexpected(seen.life, files_below(seen.life.homes["protected"]))
        assert {(each.name, each.place) for each in kept} == {("endpoint_key", "keys/endpoint-key.json")}
    for home in seen.life.homes.values():
        for path in home.rglob("*") if home.exists() else ():
            assert not path.lstat().st_mode & 0o077, path
