"""The vectors of docs/spec/share.md."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from satchel.errors import IntegrityError, UsageError
from satchel.keys.secret import ShareSeed
from satchel.sharing.body import from_zip, open_body, to_zip
from satchel.sharing.container import unpack
from satchel.sharing.identity import LinkSecret, PasswordProfile, ShareKey, owner_secret, share_key
from satchel.sharing.link import ShareLink

HERE = Path(__file__).parent
GOLDEN = sorted(HERE.glob("*.age"))


def cases(name: str, *, refused: bool | None = None) -> list[Any]:
    listed = json.loads((HERE / name).read_text())
    return [case for case in listed if refused is None or ("refused" in case) == refused]


def key_of(case: dict[str, Any], secret: LinkSecret) -> ShareKey:
    if "password" not in case:
        return share_key(secret)
    profile = PasswordProfile(bytes.fromhex(case["salt"]), case["log_n"])
    return share_key(secret, password=case["password"], profile=profile)


ONE, SEVERAL = (
    next(case for case in cases("zips.json") if case.get("name") == name)
    for name in ("a share", "several files")
)


@pytest.mark.parametrize("case", cases("links.json", refused=False), ids=lambda case: case["origin"])
def test_a_link_round_trips(case: dict[str, str]) -> None:
    link = ShareLink.parse(case["link"])
    assert (link.origin, link.share_id) == (case["origin"], case["id"])
    assert bytes(link.secret).hex() == case["secret"]
    assert str(share_key(link.secret).identity) == case["identity"]
    assert str(link) == case["link"]


@pytest.mark.parametrize("case", cases("links.json", refused=True), ids=lambda case: case["refused"])
def test_a_wrong_link_is_refused_without_quoting_it(case: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        ShareLink.parse(case["link"])
    said = caught.value.message + caught.value.hint
    key = str(ShareLink.parse(cases("links.json")[0]["link"])).partition("#")[2]
    assert not any(key[at : at + 8] in said.lower() for at in range(len(key) - 8))


@pytest.mark.parametrize("case", cases("keys.json"))
def test_keys_and_proofs_match(case: dict[str, Any]) -> None:
    key = key_of(case, LinkSecret(bytes.fromhex(case["secret"])))
    assert str(key.identity) == case["identity"]
    assert str(key.recipient) == case["recipient"]
    assert (key.proof.hex(), key.proof_sha256.hex()) == (case["proof"], case["proof_sha256"])


@pytest.mark.parametrize("case", cases("owner.json"), ids=lambda case: case["id"])
def test_the_secrets_of_the_owner_match(case: dict[str, str]) -> None:
    assert (
        bytes(owner_secret(ShareSeed(bytes.fromhex(case["share_seed"])), case["id"])).hex() == case["secret"]
    )


@pytest.mark.parametrize("case", cases("zips.json", refused=False), ids=lambda case: case["name"])
def test_a_zip_is_accepted(case: dict[str, str]) -> None:
    data = base64.b64decode(case["zip"])
    piece = from_zip(data)
    assert from_zip(to_zip(piece)) == piece
    assert unpack(data).content == piece.content
    assert unpack(data).files == tuple(file.content for file in piece.files)


def test_a_share_of_one_file_has_version_1() -> None:
    one, several = (from_zip(base64.b64decode(case["zip"])) for case in (ONE, SEVERAL))
    assert b"satchel-share/1" in unpack(to_zip(one)).document
    assert b"satchel-share/2" in unpack(to_zip(several)).document


@pytest.mark.parametrize("case", cases("zips.json", refused=True), ids=lambda case: case["refused"])
def test_a_wrong_zip_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(IntegrityError):
        from_zip(base64.b64decode(case["zip"]))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_share_is_still_readable(path: Path) -> None:
    case = json.loads(path.with_suffix(".json").read_text())
    key = key_of(case, ShareLink.parse(case["link"]).secret)
    piece = open_body(path.read_bytes(), key)
    assert hashlib.sha256(piece.content).hexdigest() == case["content_sha256"]
    assert piece.title == case["title"]
    assert piece.name == case.get("name", "")
    digests = {file.name: hashlib.sha256(file.content).hexdigest() for file in piece.files}
    assert digests == case.get("files_sha256", {})


def test_golden_shares_exist() -> None:
    assert {path.stem for path in GOLDEN} >= {"plain", "password", "binary", "empty", "large", "several"}
