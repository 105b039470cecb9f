"""The vectors and labels of docs/spec/keys.md match the code."""

import re
from pathlib import Path

import pytest

from satchel.age import X25519Identity
from satchel.keys import RootSecret, derive, derive_owner_keys, from_phrase, passphrase, to_phrase
from satchel.keys.documents import RootUnderPassphrase

SPEC = (Path(__file__).parents[3] / "docs" / "spec" / "keys.md").read_text("utf-8")
VECTORS = dict(
    re.findall(r"^\| ([a-z ]+) \| `([^`]+)` \|$", SPEC.partition("## 6. Vectors")[2], re.MULTILINE)
)
ROOT = RootSecret.fromhex(VECTORS["root secret"])


def test_the_spec_has_all_its_vectors() -> None:
    assert len(VECTORS) == 12


def test_the_phrase_matches_the_spec() -> None:
    assert to_phrase(ROOT) == VECTORS["phrase"]
    assert from_phrase(VECTORS["phrase"]) == ROOT


def test_the_derived_keys_match_the_spec() -> None:
    keys = derive_owner_keys(ROOT)
    assert {
        "identity": str(keys.identity),
        "recipient": str(keys.recipient),
        "manifest key": keys.manifest_key.hex(),
        "block key": keys.block_key.hex(),
        "share seed": keys.share_seed.hex(),
        "request seed": keys.request_seed.hex(),
        "owner id": keys.owner_id,
    }.items() <= VECTORS.items()
    assert X25519Identity.parse(VECTORS["identity"]).recipient == keys.recipient


@pytest.mark.parametrize("form", ["Grüße an alle", "Gru\u0308ße an alle"])
def test_the_wrapped_secret_matches_the_spec_in_every_normal_form(form: str) -> None:
    profile = passphrase.Profile(salt=VECTORS["salt"])
    owner, purpose = VECTORS["owner id"], RootUnderPassphrase.purpose
    assert passphrase.wrap(ROOT, form, profile, purpose=purpose, owner=owner).hex() == VECTORS["wrapped"]


def test_every_label_is_in_the_spec_once() -> None:
    labels = [value.decode() for name, value in vars(derive).items() if name.endswith("_LABEL")]
    documented = re.findall(r"^\| `(satchel/v1/[a-z0-9-]+)`", SPEC, re.MULTILINE)
    assert sorted(labels) == sorted(documented)
    assert len(set(labels)) == len(labels)


def test_the_limits_match_the_spec() -> None:
    rows = {
        name: numbers
        for name, *numbers in re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \| (\d+) \|$", SPEC, re.MULTILINE)
    }
    shipped = passphrase.Profile(salt="00" * 16)
    assert rows == {
        "memory_kib": [
            str(n) for n in (shipped.memory_kib, passphrase.MEMORY_KIB, passphrase.MAX_MEMORY_KIB)
        ],
        "passes": [str(n) for n in (shipped.passes, passphrase.PASSES, passphrase.MAX_PASSES)],
        "lanes": [str(n) for n in (shipped.lanes, passphrase.LANES, passphrase.MAX_LANES)],
    }
