"""The vectors of docs/spec/request.md."""

import base64
import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from satchel.age import X25519Recipient, seal
from satchel.age.errors import KeyTextError
from satchel.errors import IntegrityError, UsageError
from satchel.keys.secret import RequestSeed
from satchel.requesting.answer import (
    STEP_BYTES,
    AnswerFile,
    open_answer,
    seal_answer,
)
from satchel.requesting.identity import RequestKey, request_identity, request_key
from satchel.requesting.link import RequestLink
from satchel.requesting.sheet import MAX_TEXT_CHARS, Sheet, open_sheet, seal_sheet
from satchel.sharing.decoration import REQUESTS, plain_link

HERE = Path(__file__).parent
GOLDEN = sorted(HERE.glob("*.age"))
REQUEST_ID = "000102030405060708090a0b0c0d0e0f"
ANSWER_ID = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
SENT = "2026-01-02T03:04:05Z"


def cases(name: str, *, refused: bool | None = None) -> list[Any]:
    listed = json.loads((HERE / name).read_text())
    return [case for case in listed if refused is None or ("refused" in case) == refused]


FIRST = cases("keys.json")[0]
SEED = RequestSeed(bytes.fromhex(FIRST["request_seed"]))
IDENTITY = request_identity(SEED, REQUEST_ID)
KEY = request_key(SEED, REQUEST_ID)
LINK = cases("links.json")[0]["link"]


@pytest.mark.parametrize("case", cases("links.json", refused=False), ids=lambda case: case["origin"])
def test_a_link_round_trips(case: dict[str, str]) -> None:
    link = RequestLink.parse(case["link"])
    assert (link.origin, link.request_id) == (case["origin"], case["id"])
    assert str(link.key.recipient) == case["recipient"] == "age1" + case["link"].partition("#")[2]
    assert str(link) == case["link"]
    assert case["link"].partition("#")[2] not in repr(link)


@pytest.mark.parametrize("case", cases("links.json", refused=True), ids=lambda case: case["refused"])
def test_a_wrong_link_is_refused_without_quoting_it(case: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        RequestLink.parse(case["link"])
    said = caught.value.message + caught.value.hint
    key = LINK.partition("#")[2]
    assert not any(key[at : at + 8] in said.lower() for at in range(len(key) - 8))


DECORATED = {
    "angle brackets": f"<{LINK}>",
    "a full stop": f"{LINK}.",
    "words": f"please answer {LINK} today",
    "a parameter": LINK.replace("#", "?fbclid=x#"),
    "a line break": f"{LINK[:60]}\r\n{LINK[60:]}",
    "capital letters": LINK.replace("https://cloud", "HTTPS://Cloud"),
    "a wrapper": "https://www.google.com/url?q=" + LINK.replace("#", "%23").replace(":", "%3A") + "&sa=D",
}


@pytest.mark.parametrize("name", DECORATED)
def test_decorations_are_removed(name: str) -> None:
    assert plain_link(DECORATED[name], REQUESTS).text == LINK


@pytest.mark.parametrize("case", cases("keys.json"), ids=lambda case: case["identity"][-8:])
def test_keys_and_proofs_match(case: dict[str, str]) -> None:
    seed = RequestSeed(bytes.fromhex(case["request_seed"]))
    key = request_key(seed, case["id"])
    assert str(request_identity(seed, case["id"])) == case["identity"]
    assert str(key.recipient) == case["recipient"]
    assert (key.proof.hex(), key.proof_sha256.hex()) == (case["proof"], case["proof_sha256"])
    assert str(key.sheet_identity) == case["sheet_identity"]


@pytest.mark.parametrize("case", cases("sheets.json", refused=False), ids=lambda case: case["text"][:20])
def test_a_sheet_opens(case: dict[str, str]) -> None:
    assert open_sheet(base64.b64decode(case["sheet"]), KEY, request_id=REQUEST_ID).text == case["text"]


@pytest.mark.parametrize("case", cases("sheets.json", refused=True), ids=lambda case: case["refused"])
def test_a_wrong_sheet_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(IntegrityError):
        open_sheet(base64.b64decode(case["sheet"]), KEY, request_id=REQUEST_ID)


@pytest.mark.parametrize(
    "text", ["", "\U0001f600" * 600, '"\\\n' * 200, "\x1b" * 600], ids=["none", "emoji", "quotes", "escapes"]
)
def test_a_sheet_fits_the_wire_and_hides_the_length_of_its_text(text: str) -> None:
    sealed = seal_sheet(Sheet(REQUEST_ID, text, SENT), KEY, entropy=os.urandom)
    assert len(sealed) <= 4096
    assert open_sheet(sealed, KEY, request_id=REQUEST_ID).text == text[:MAX_TEXT_CHARS]
    usual = [seal_sheet(Sheet(REQUEST_ID, "x" * n, SENT), KEY, entropy=os.urandom) for n in (1, 60)]
    assert len(usual[0]) == len(usual[1])


def opened(data: bytes) -> list[tuple[str, bytes]]:
    answer = open_answer(seal(data, [KEY.recipient]), IDENTITY, request_id=REQUEST_ID, answer_id=ANSWER_ID)
    return [(file.name, file.content) for file in (answer.main, *answer.files)]


@pytest.mark.parametrize("case", cases("answers.json", refused=False), ids=lambda case: case["name"])
def test_an_answer_is_accepted(case: dict[str, str]) -> None:
    assert opened(base64.b64decode(case["zip"]))


@pytest.mark.parametrize("case", cases("answers.json", refused=True), ids=lambda case: case["refused"])
def test_a_wrong_answer_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(IntegrityError):
        opened(base64.b64decode(case["zip"]))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_answer_is_still_readable(path: Path) -> None:
    case = json.loads(path.with_suffix(".json").read_text())
    answer = open_answer(path.read_bytes(), IDENTITY, request_id=REQUEST_ID, answer_id=case["answer"])
    files = [[file.name, hashlib.sha256(file.content).hexdigest()] for file in (answer.main, *answer.files)]
    assert (files, answer.receipt, answer.sent) == (case["files"], case["receipt"], case["sent"])


def test_golden_answers_exist() -> None:
    assert {path.stem for path in GOLDEN} >= {"several", "text", "file", "large"}


def test_the_length_of_an_answer_tells_little() -> None:
    def length(size: int) -> int:
        file = AnswerFile("", b"x" * size)
        sealed = seal_answer(REQUEST_ID, ANSWER_ID, [file], KEY, sent=SENT, entropy=os.urandom)
        return len(sealed)

    assert length(8) == length(64) == length(200)
    assert length(8 + STEP_BYTES) == length(8) + STEP_BYTES


def test_nothing_is_sealed_to_a_point_of_low_order() -> None:
    key = RequestKey(X25519Recipient(bytes(32)))
    with pytest.raises(KeyTextError):
        seal_answer(REQUEST_ID, ANSWER_ID, [AnswerFile("", b"x")], key, sent=SENT, entropy=os.urandom)


@pytest.mark.tool("age")
def test_the_age_program_seals_to_a_link_and_opens_an_answer(tmp_path: Path) -> None:
    key_file = tmp_path / "key.txt"
    key_file.write_text(FIRST["identity"] + "\n")
    command = ["age", "-d", "-i", str(key_file), str(HERE / "text.age")]
    assert b"staging.pem" in subprocess.run(command, check=True, capture_output=True).stdout
    zipped = base64.b64decode(cases("answers.json", refused=False)[0]["zip"])
    recipient = "age1" + LINK.partition("#")[2]
    sealed = subprocess.run(["age", "-r", recipient], input=zipped, check=True, capture_output=True).stdout
    assert open_answer(sealed, IDENTITY, request_id=REQUEST_ID, answer_id=ANSWER_ID).main.content == b"text"
