"""Project Wycheproof's vectors against the verifier of ID tokens: none that is invalid is accepted."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from satchel_service.tokens.compact import ALGORITHMS, Token
from satchel_service.tokens.keys import find_key, parse_key_set
from satchel_service.tokens.signatures import verify
from satchel_service.tokens.strict_json import TokenError

FOLDER = Path(__file__).parents[3] / "vectors" / "jws"
FILES = {"json_web_signature_test.json": 401, "json_web_key_test.json": 26}


class Vector(NamedTuple):
    """One vector: its key set, its token and whether it is valid."""

    name: str
    keys: list[dict[str, Any]]
    jws: str
    is_valid: bool

    @property
    def is_of_our_algorithms(self) -> bool:
        return {key.get("alg") for key in self.keys} <= set(ALGORITHMS)


def vectors() -> Iterator[Vector]:
    for file in FILES:
        for group in json.loads((FOLDER / file).read_text())["testGroups"]:
            key = group.get("public") or group["private"]
            for test in group["tests"]:
                name = f"{file.removesuffix('_test.json')}-{test['tcId']}-{test['comment']}"
                yield Vector(name, key.get("keys", [key]), test["jws"], test["result"] == "valid")


VECTORS = list(vectors())


def is_accepted(vector: Vector) -> bool:
    """Verify a vector as an ID token is verified; the payloads of vectors are no claims."""
    try:
        token = Token.parse(vector.jws)
        key = find_key(parse_key_set(json.dumps({"keys": vector.keys}).encode()), token.header)
        if key is None:
            return False
        verify(token, key)
    except TokenError:
        return False
    return True


def test_all_vectors_are_there() -> None:
    assert len(VECTORS) == sum(FILES.values())
    assert sum(not vector.is_valid for vector in VECTORS) == 376


@pytest.mark.parametrize(
    "vector", [each for each in VECTORS if not each.is_valid], ids=lambda each: each.name
)
def test_an_invalid_vector_is_refused(vector: Vector) -> None:
    assert not is_accepted(vector)


OURS = [each for each in VECTORS if each.is_valid and each.is_of_our_algorithms]


@pytest.mark.parametrize("vector", OURS, ids=lambda each: each.name)
def test_a_valid_vector_of_our_algorithms_is_accepted(vector: Vector) -> None:
    assert is_accepted(vector)


def test_there_are_vectors_of_our_algorithms() -> None:
    assert len(OURS) == 11


@pytest.mark.parametrize(
    "vector", [each for each in VECTORS if not each.is_of_our_algorithms], ids=lambda each: each.name
)
def test_a_vector_of_any_other_algorithm_is_refused(vector: Vector) -> None:
    assert not is_accepted(vector)
