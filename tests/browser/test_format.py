"""The page reads the format of docs/spec/share.md as `satchel get` does: the same vectors, the same results."""

import base64
import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route
from tests.browser.publishing import Publisher
from tests.browser.reader import Reader
from tests.browser.samples import PYTHON, document, png, zip_of
from tests.support.device import Device
from tests.support.service import ServiceProcess

from satchel.age import seal
from satchel.keys import RootSecret
from satchel.sharing.identity import LinkSecret
from satchel.sharing.link import format_key
from satchel.store import Source, WholeFile

VECTORS = Path(__file__).parents[1] / "vectors" / "share"


def vectors(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return cases


def downloaded(reader: Reader) -> bytes:
    """Download the shown file."""
    with reader.page.expect_download() as download:
        reader.button("Download").click()
    return Path(download.value.path()).read_bytes()


def key_of(link: str) -> str:
    return link.partition("#")[2]


ADDRESS = vectors("links")[0]["link"].partition("#")[0]
# Browsers strip white space around a link. A link with a decoration is only refused by parsers that remove none.
# A browser gets no link with a break of quoted-printable: mail programs decode it.
DECORATED = [
    case
    for case in vectors("decorated")
    if case["text"].strip().startswith(f"{ADDRESS}#") and "=\r\n" not in case["text"]
]
FRAGMENTS = [
    case
    for case in vectors("links")
    if case["link"].partition("#")[0] == ADDRESS
    and case["link"] == case["link"].strip()
    and case.get("refused") != "a second hash sign"
]


@pytest.mark.parametrize("case", FRAGMENTS, ids=lambda case: case.get("refused", case["link"][-20:]))
def test_the_fragment_is_parsed_as_specified(owner: Publisher, reader: Reader, case: dict[str, str]) -> None:
    reader.expected.add("status of 404")
    reader.open(f"{owner.origin}/s/{'0' * 32}#{key_of(case['link'])}")
    heading = reader.heading()
    has_requested = any("/v1/" in request.url for request in reader.requests)
    if "refused" in case:
        assert heading in {"The link is incomplete", "The key is missing"}
        assert not has_requested
    else:
        assert heading == "There is nothing here"
        assert has_requested


@pytest.mark.parametrize("case", DECORATED, ids=lambda case: case["name"])
def test_decorations_behind_the_key_are_left_out(
    owner: Publisher, reader: Reader, case: dict[str, str]
) -> None:
    reader.expected.add("status of 404")
    reader.open(f"{owner.origin}/s/{'0' * 32}#{key_of(case['text'].strip())}")
    assert reader.heading() == "There is nothing here"


@pytest.mark.parametrize("case", vectors("keys"), ids=lambda case: case["proof"][:8])
def test_the_proof_is_derived_as_specified(owner: Publisher, reader: Reader, case: dict[str, Any]) -> None:
    proofs: list[bytes] = []
    reader.expected |= {"status of 403", "status of 404"}
    password = case.get("password")
    profile = password and {
        "salt": base64.b64encode(bytes.fromhex(case["salt"])).decode(),
        "log_n": case["log_n"],
    }

    def record_proof(route: Route) -> None:
        proofs.append(base64.b64decode(json.loads(route.request.post_data or "{}")["proof"]))
        route.fulfill(status=403, json={"type": "urn:satchel:problem:wrong-proof"})

    reader.page.route("**/info", lambda route: route.fulfill(json={"limited": False, "password": profile}))
    reader.page.route("**/open", record_proof)
    key = format_key(LinkSecret(bytes.fromhex(case["secret"])))
    reader.open(f"{owner.origin}/s/{'0' * 32}#{key}")
    if password:
        reader.page.get_by_label("Password", exact=True).fill(password)
        reader.button("Open").click()
        reader.wait_for_text("That password does not open it")
    else:
        reader.wait_for_text("This key does not open this share")
    assert proofs == [bytes.fromhex(case["proof"])]


@pytest.mark.parametrize("case", vectors("zips"), ids=lambda case: case.get("name") or case["refused"])
def test_a_zip_is_accepted_or_refused_as_specified(
    owner: Publisher, reader: Reader, case: dict[str, str]
) -> None:
    reader.open(owner.share_zip(base64.b64decode(case["zip"])).link)
    reader.page.locator("h1").wait_for()
    is_refused = "refused" in case
    assert (reader.page.locator("article.piece").count() == 0) == is_refused
    if is_refused:
        assert reader.heading() in {"This share is damaged", "This share needs a newer page"}


@pytest.mark.parametrize("name", ["plain", "empty", "binary", "large", "password", "several"])
def test_a_body_of_the_vectors_opens(owner: Publisher, reader: Reader, name: str) -> None:
    """The test plays the server: the keys of the vectors belong to no share of the owner."""
    reader.expected.add("status of 404")
    case = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    profile = None
    if "password" in case:
        salt = base64.b64encode(bytes.fromhex(case["salt"])).decode()
        profile = {"salt": salt, "log_n": case["log_n"]}
    reader.page.route("**/info", lambda route: route.fulfill(json={"limited": False, "password": profile}))
    body = (VECTORS / f"{name}.age").read_bytes()
    reader.page.route(
        "**/open", lambda route: route.fulfill(body=body, content_type="application/octet-stream")
    )
    reader.open(f"{owner.origin}/s/{'0' * 32}#{key_of(case['link'])}")
    if profile:
        reader.page.get_by_label("Password", exact=True).fill(case["password"])
        reader.button("Open").click()
    reader.page.locator("article.piece").wait_for()
    assert reader.heading() == case["title"]
    assert hashlib.sha256(downloaded(reader)).hexdigest() == case["content_sha256"]


def test_a_share_by_satchel_keeps_every_byte(
    service: ServiceProcess, owner: Publisher, reader: Reader, tmp_path: Path
) -> None:
    device = Device(tmp_path / "home", RootSecret(b"\x42" * 32))
    device.run("connect", service.url, "--pair", owner.client.new_pairing().code)
    piece = device.save(PYTHON.encode(), title="difflib.py", language="python", tags=["diff"])
    link = device.json("share", piece)["link"]
    assert reader.read(link) == "difflib.py"
    assert downloaded(reader) == PYTHON.encode()


def test_several_files_shared_by_satchel_keep_every_byte(
    service: ServiceProcess, owner: Publisher, reader: Reader, tmp_path: Path
) -> None:
    device = Device(tmp_path / "home", RootSecret(b"\x43" * 32))
    device.run("connect", service.url, "--pair", owner.client.new_pairing().code)
    files = {"Makefile": b"all:\n\ttrue\n", "größe 文件.py": b"size = 1\n", "dot.png": png(8, 8)}
    whole = tuple(WholeFile(name, data) for name, data in files.items())
    piece = device.save(b"main\n", title="Several", source=Source("file", "", "main.py"), files=whole)
    share = device.json("share", piece)
    assert reader.read(share["link"]) == "Several"
    tabs = reader.page.get_by_role("tab")
    assert tabs.all_inner_texts() == ["main.py", *files]
    for tab, (name, data) in zip(tabs.all()[1:], files.items(), strict=True):
        tab.click()
        with reader.page.expect_download() as download:
            reader.button("Download").click()
        assert download.value.suggested_filename == name
        assert Path(download.value.path()).read_bytes() == data
    reader.screenshot("several-files-by-satchel")
    device.run("shares", "update", share["id"])
    assert reader.read(f"{share['link']}:f2:L2") == "Several"
    assert reader.code.inner_text().startswith("all:")


@pytest.mark.tool("age")
def test_a_share_sealed_by_the_age_program_opens(owner: Publisher, reader: Reader) -> None:
    def seal_with_age(recipient: str) -> bytes:
        data = zip_of(b"sealed elsewhere\n", document(title="By age"))
        return subprocess.run(["age", "-r", recipient], input=data, capture_output=True, check=True).stdout

    share = owner.share_sealed_by(lambda key: seal_with_age(str(key.recipient)))
    assert reader.read(share.link) == "By age"
    assert reader.code.inner_text().strip() == "sealed elsewhere"


@pytest.mark.parametrize("where", ["first", "header", "payload", "last"])
def test_a_modified_body_is_not_shown(owner: Publisher, reader: Reader, where: str) -> None:
    def flip_a_bit(body: bytes) -> bytes:
        at = {"first": 0, "header": 60, "payload": len(body) // 2, "last": len(body) - 1}[where]
        return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]

    data = zip_of(os.urandom(200_000), document())
    reader.open(owner.share_sealed_by(lambda key: flip_a_bit(seal(data, [key.recipient]))).link)
    assert reader.heading() == "This share is damaged"


@pytest.mark.parametrize("kept", [0, 40, 300, 65_800, -1])
def test_a_truncated_body_is_not_shown(owner: Publisher, reader: Reader, kept: int) -> None:
    data = zip_of(os.urandom(200_000), document())
    reader.open(owner.share_sealed_by(lambda key: seal(data, [key.recipient])[:kept] or b"-").link)
    assert reader.heading() == "This share is damaged"


def test_a_newer_format_is_not_reported_as_damage(owner: Publisher, reader: Reader) -> None:
    reader.open(owner.share_zip(zip_of(b"", document(format="satchel-share/9"))).link)
    assert reader.heading() == "This share needs a newer page"


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "other/1"},
        {"title": 5},
        {"tags": "no list"},
        {"links": [1]},
        {"shared": None},
        {"language": []},
    ],
)
def test_an_invalid_document_is_refused(owner: Publisher, reader: Reader, wrong: dict[str, object]) -> None:
    reader.open(owner.share_zip(zip_of(b"text", document(**wrong))).link)
    assert reader.heading() == "This share is damaged"


def test_unknown_fields_are_ignored(owner: Publisher, reader: Reader) -> None:
    assert reader.read(owner.share_zip(zip_of(b"text", document(later="unknown"))).link) == "a Piece"
