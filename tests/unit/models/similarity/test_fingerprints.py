"""Fingerprints: clones with other names share their shape, and nothing takes long."""

import re

import pytest
from tests.support.growth import require_linear

from satchel.models.similarity import fingerprint, packed, resemblance, shared_names, unpacked

CODE = "def total(xs, tax):\n    # adds up\n    result = 0\n    for x in xs:\n        result += x.price * (1 + tax)\n    return result\n"
OTHER = "class Cache:\n    def get(self, key):\n        with self.lock:\n            return self.data.get(key, None)\n"


def test_a_clone_with_other_names_has_the_same_shape() -> None:
    clone = re.sub(r"\b(total|xs|tax|result|x|price)\b", lambda match: f"{match[1]}_{len(match[1])}q", CODE)
    assert clone != CODE
    one, other = fingerprint(CODE), fingerprint(clone.replace("# adds up", "# something else"))
    assert resemblance(one, other) == 1
    assert shared_names(one, other) < 0.1


def test_other_code_does_not_resemble() -> None:
    assert resemblance(fingerprint(CODE), fingerprint(OTHER)) < 0.2


def test_short_texts_have_no_fingerprint() -> None:
    assert resemblance(fingerprint("x = 1"), fingerprint("x = 1")) == 0


def test_a_fingerprint_survives_packing() -> None:
    one = fingerprint(CODE)
    assert unpacked(packed(one)) == one
    with pytest.raises(ValueError, match="not a fingerprint"):
        unpacked(b"")


@pytest.mark.parametrize("unit", ['"', "/*", "#", "'\\", "`", "a ", "//", "\n#"])
def test_no_text_takes_long(unit: str) -> None:
    require_linear(fingerprint, unit, 65_536)
