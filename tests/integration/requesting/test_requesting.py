"""Requests with real processes: the owner asks, somebody answers, and the answer becomes a Piece or files."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.integration.requesting.conftest import ROOT
from tests.integration.sharing.test_terminal import typed
from tests.support.device import Device
from tests.support.recorders import InMemory
from tests.support.service import ServiceProcess

from satchel.age import seal
from satchel.cloud.connection import dial
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Proxies
from satchel.requesting.link import RequestLink
from satchel.sharing.container import pack

SECRET = b"staging-4f1c77d8e0\n"


def ask(owner: Device, *arguments: str) -> tuple[str, str]:
    """Make a request; return its id and its link."""
    made = owner.json("request", *arguments)
    return made["id"], made["link"]


def listed(owner: Device, request_id: str) -> dict[str, object]:
    found = [each for each in owner.json("requests")["requests"] if each["id"] == request_id]
    assert len(found) == 1
    return dict(found[0])


def test_an_answer_becomes_a_piece(owner: Device, colleague: Device, service: ServiceProcess) -> None:
    made = owner.run("request", "the staging key")
    assert made.stdout.count(b"\n") == 1
    assert made.text.startswith(f"{service.url}/r/")
    request_id = made.text.partition("/r/")[2][:32]
    asked = colleague.json("answer", made.text)
    assert (asked["text"], asked["answer_bytes"]) == ("the staging key", 10 << 20)
    assert listed(owner, request_id)["state"] == "live", "reading a request uses nothing up"
    sent = colleague.json("answer", made.text, "-", stdin=SECRET)
    request = listed(owner, request_id)
    assert (request["state"], request["text"]) == ("answered", "the staging key")
    assert [each["receipt"] for each in request["received"]] == [sent["receipt"]]  # type: ignore[attr-defined]
    (taken,) = owner.json("requests", "take", request_id[:8])["taken"]
    assert (taken["receipt"], taken["is_new"]) == (sent["receipt"], True)
    shown = owner.json("show", taken["piece"])
    assert (shown["content"], shown["title"]) == (SECRET.decode(), "the staging key")
    assert shown["source"]["location"] == made.text.partition("#")[0], "the source holds no key"
    assert sent["receipt"] in shown["description"]
    owner.run("requests", "take", request_id[:8], code=3)
    receipts = owner.json("requests", "show", request_id[:8])["received"]
    assert [(each["receipt"], each["taken"] is not None) for each in receipts] == [(sent["receipt"], True)]


def test_answering_needs_no_store_and_leaves_a_ledger_only(owner: Device, colleague: Device) -> None:
    _, link = ask(owner)
    colleague.run("answer", link, "-", stdin=SECRET)
    assert [path.name for path in colleague.home.iterdir()] == ["ledger.db"]
    kinds = [entry["kind"] for entry in colleague.json("ledger")["entries"]]
    assert kinds == ["message", "answer"]


def test_files_are_written_as_they_were_sent(owner: Device, colleague: Device, tmp_path: Path) -> None:
    names = {"key.pem": b"a key\n", "größe.bin": os.urandom(70_000), "empty? no": b"x"}
    paths = []
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
        paths.append(tmp_path / name)
    request_id, link = ask(owner, "files", "--answers", "2")
    colleague.run("answer", link, *paths, "-", stdin=b"typed")
    refused = owner.run("requests", "take", request_id, code=2)
    assert b"--into DIR" in refused.stderr, "a Piece holds text and images"
    into = tmp_path / "into"
    (taken,) = owner.json("requests", "take", request_id, "--into", into)["taken"]
    assert len(taken["paths"]) == 4
    written = {Path(path).name: Path(path).read_bytes() for path in taken["paths"]}
    assert written == {
        **{name.replace("?", "_"): data for name, data in names.items()},
        "files.txt": b"typed",
    }


PRIVATE_KEY = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----\n"


def test_what_looks_unintended_is_sent_only_if_the_sender_says_so(
    owner: Device, colleague: Device, tmp_path: Path
) -> None:
    (tmp_path / "key.pem").write_bytes(PRIVATE_KEY)
    request_id, link = ask(owner, "a public key", "--answers", "2")
    refused = colleague.run("answer", link, tmp_path / "key.pem", code=4)
    assert "'key.pem' contains a private key" in refused.said
    assert "--yes" in refused.said
    assert listed(owner, request_id)["received"] == []
    said = colleague.run("answer", link, tmp_path / "key.pem", "--yes").said
    assert "'key.pem' contains a private key" in said
    assert len(owner.json("requests", "show", request_id)["received"]) == 1


@pytest.mark.parametrize(("typed_text", "code"), [("y", 0), ("", 4)])
def test_on_a_terminal_the_sender_is_asked(
    owner: Device, colleague: Device, tmp_path: Path, typed_text: str, code: int
) -> None:
    (tmp_path / ".env").write_bytes(b"A=b")
    request_id, link = ask(owner)
    answered = typed(
        colleague, ["answer", link, str(tmp_path / ".env")], {"send it as it is? [y/N] ": typed_text}
    )
    assert answered[0] == code
    assert "is usually hidden" in answered[1]
    assert len(owner.json("requests", "show", request_id)["received"]) == (1 if code == 0 else 0)


def test_status_counts_the_answers_that_wait(owner: Device, colleague: Device) -> None:
    def waiting() -> int:
        return int(json.loads(owner.run("status", "--json", code=1).stdout)["cloud"]["waiting_answers"])

    before = waiting()
    request_id, link = ask(owner)
    assert waiting() == before
    colleague.run("answer", link, "-", stdin=SECRET)
    assert waiting() == before + 1
    owner.run("requests", "take", request_id)
    assert waiting() == before
    offline = json.loads(owner.run("status", "--offline", "--json", code=1).stdout)
    assert offline["cloud"]["waiting_answers"] is None


def test_several_answers_are_taken_together(owner: Device, colleague: Device) -> None:
    request_id, link = ask(owner, "votes", "--answers", "3")
    for vote in (b"yes", b"no", b"perhaps"):
        colleague.run("answer", link, "-", stdin=vote)
    ended = colleague.run("answer", link, "-", stdin=b"late", code=3)
    assert "all the answers" in ended.said
    taken = owner.json("requests", "take", request_id)["taken"]
    contents = [owner.json("show", each["piece"])["content"] for each in taken]
    assert contents == ["yes", "no", "perhaps"]


def test_an_answer_that_cannot_be_taken_keeps_no_other_from_being_taken(
    owner: Device, colleague: Device, service: ServiceProcess, tmp_path: Path
) -> None:
    request_id, link = ask(owner, "timesheets", "--answers", "4")
    (tmp_path / "sheet.bin").write_bytes(b"\0\1\2")
    colleague.run("answer", link, tmp_path / "sheet.bin")
    send_zip(service, link, b"made up", request="0" * 32)
    colleague.run("answer", link, "-", stdin=b"forty hours")
    ran = owner.run("requests", "take", request_id, "--json", code=2)
    assert b"--into DIR" in ran.stderr
    taken = json.loads(ran.stdout)
    receipts = [each["receipt"] for each in owner.json("requests", "show", request_id)["received"]]
    assert [each["receipt"] for each in taken["refused"]] == receipts[:2]
    assert [each["receipt"] for each in taken["taken"]] == receipts[2:]
    assert owner.json("show", taken["taken"][0]["piece"])["content"] == "forty hours"
    left = owner.run("requests", "take", request_id, "--into", tmp_path / "into", code=5)
    assert "is another answer than the cloud says" in left.said
    assert (tmp_path / "into" / "sheet.bin").read_bytes() == b"\0\1\2"
    states = [each["taken"] is not None for each in owner.json("requests", "show", request_id)["received"]]
    assert states == [True, False, True], "what was refused stays in the cloud"


def test_an_answer_that_is_taken_twice_is_kept_once(owner: Device, colleague: Device) -> None:
    first, link = ask(owner)
    colleague.run("answer", link, "-", stdin=b"the same answer")
    second, other_link = ask(owner)
    colleague.run("answer", other_link, "-", stdin=b"the same answer")
    pieces = [owner.json("requests", "take", each)["taken"][0] for each in (first, second)]
    assert pieces[0]["piece"] == pieces[1]["piece"]
    assert [each["is_new"] for each in pieces] == [True, False]


def test_a_revoked_request_takes_nothing(owner: Device, colleague: Device) -> None:
    request_id, link = ask(owner)
    owner.run("requests", "revoke", request_id[:8])
    assert "the owner has revoked the link" in colleague.run("answer", link, "-", stdin=SECRET, code=3).said


def test_a_link_whose_key_was_replaced_sends_nothing(owner: Device, colleague: Device) -> None:
    request_id, link = ask(owner)
    _, other = ask(owner)
    swapped = f"{link.partition('#')[0]}#{other.partition('#')[2]}"
    refused = colleague.run("answer", swapped, "-", stdin=SECRET, code=4)
    assert "does not belong to this request" in refused.said
    assert listed(owner, request_id)["received"] == []


def test_an_answer_that_is_too_large_is_refused_before_it_is_sent(owner: Device, colleague: Device) -> None:
    request_id, link = ask(owner, "--size", "4K")
    refused = colleague.run("answer", link, "-", stdin=b"x" * 5000, code=2)
    assert "takes up to" in refused.said
    assert listed(owner, request_id)["received"] == []


def test_each_device_of_the_owner_prints_the_link_and_takes_the_answer(
    owner: Device, colleague: Device, service: ServiceProcess, tmp_path: Path
) -> None:
    request_id, link = ask(owner, "from anywhere")
    laptop = Device(tmp_path / "laptop", ROOT)
    laptop.run("connect", service.url, "--pair", owner.run("devices", "add").text)
    assert laptop.run("requests", "link", request_id[:8]).text == link
    colleague.run("answer", link, "-", stdin=b"for the laptop")
    (taken,) = laptop.json("requests", "take", request_id)["taken"]
    assert laptop.json("show", taken["piece"])["content"] == "for the laptop"


@pytest.mark.parametrize("command", ["get", "answer"])
def test_a_link_of_the_other_kind_names_the_right_command(
    owner: Device, colleague: Device, command: str
) -> None:
    link = ask(owner)[1] if command == "get" else owner.run("share", owner.save(SECRET)).text
    other = "answer" if command == "get" else "get"
    refused = colleague.run(command, link, code=2)
    assert f"satchel {other} LINK" in refused.said


def test_no_secret_of_a_request_leaves_in_the_open(
    owner: Device, service: ServiceProcess, colleague: Device
) -> None:
    """Neither the storage of the cloud nor its log holds the text, the answer or the key of the link."""
    _, link = ask(owner, "a text that only people with the link read")
    colleague.run("answer", link, "-", stdin=SECRET)
    key = link.partition("#")[2].encode()
    for path in service.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(secret in data for secret in (SECRET.strip(), b"only people with the link", key))
    assert key.decode() not in json.dumps(colleague.json("ledger"))


HOSTILE: dict[str, dict[str, Any]] = {
    "a name that leads elsewhere": {"files": ["../../evil"]},
    "a name with an escape": {"files": ["\x1b[31mevil"]},
    "another format": {"format": "satchel-answer/2"},
    "the id of another answer": {"answer": "0" * 32},
    "the id of another request": {"request": "0" * 32},
}


def send_zip(service: ServiceProcess, link: str, content: bytes, **fields: Any) -> None:  # noqa: ANN401  any JSON
    """Send an answer as a program of a stranger can: any zip, sealed to the key of the link."""
    parsed, answer_id = RequestLink.parse(link), os.urandom(16).hex()
    document = {
        "format": "satchel-answer/1",
        "request": parsed.request_id,
        "answer": answer_id,
        "sent": "",
        "name": "",
    }
    files = fields.get("files", [])
    text = json.dumps({**document, "files": files, **fields}).encode()
    sealed = seal(pack(content, text, [b"x"] * len(files)), [parsed.key.recipient])
    client = dial(Origin.parse(service.url), None, proxies=Proxies(), recorder=InMemory())
    client.send_answer(parsed.request_id, answer_id, sealed, parsed.key.proof)


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_answer_is_refused_and_nothing_is_written(
    owner: Device, service: ServiceProcess, tmp_path: Path, what: str
) -> None:
    request_id, link = ask(owner, "hostile")
    send_zip(service, link, b"content", **HOSTILE[what])
    into = tmp_path / "into"
    refused = owner.run("requests", "take", request_id, "--into", into, code=5)
    assert "\x1b" not in refused.said
    assert list(into.iterdir()) == []
    assert listed(owner, request_id)["state"] == "answered", "it stays in the cloud"


def test_a_hostile_text_cannot_control_the_terminal(owner: Device, service: ServiceProcess) -> None:
    request_id, link = ask(owner, "\x1b[31mred\u202e")
    send_zip(service, link, b"\x1b]0;owned\x07 text")
    for command in (("requests",), ("requests", "show", request_id), ("requests", "take", request_id)):
        assert "\x1b" not in owner.run(*command).said
