"""The published vectors of the age format, opened in every way."""

import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from satchel.age import (
    AgeError,
    ArmorError,
    HeaderError,
    HmacError,
    HybridIdentity,
    Identity,
    NoMatchError,
    PayloadError,
    ScryptIdentity,
    SealedFile,
    X25519Identity,
    dearmor,
    open_stream,
    unseal,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "age"
KNOWN_KEYS = {"expect", "payload", "identity", "passphrase", "armored", "compressed", "file key", "comment"}
EXPECTATIONS: dict[str, type[AgeError] | None] = {
    "success": None,
    "no match": NoMatchError,
    "HMAC failure": HmacError,
    "header failure": HeaderError,
    "armor failure": ArmorError,
    "payload failure": PayloadError,
}
PUBLISHED = 143


@dataclass(frozen=True)
class Vector:
    name: str
    expect: str
    payload: str | None
    identities: list[Identity]
    is_armored: bool
    body: bytes

    def sealed(self) -> bytes:
        return dearmor(self.body) if self.is_armored else self.body


def read_identity(text: str) -> Identity:
    return HybridIdentity.parse(text) if "-PQ-" in text else X25519Identity.parse(text)


def read_vector(path: Path) -> Vector | None:
    """Return None for a vector with an unknown key, which its format says to skip."""
    head, body = path.read_bytes().split(b"\n\n", 1)
    pairs = [line.split(": ", 1) for line in head.decode().splitlines()]
    keys = dict(pairs)
    if not set(keys) <= KNOWN_KEYS:
        return None
    identities: list[Identity] = [read_identity(value) for key, value in pairs if key == "identity"]
    identities += [ScryptIdentity(value) for key, value in pairs if key == "passphrase"]
    body = zlib.decompress(body) if keys.get("compressed") == "zlib" else body
    is_armored = keys.get("armored") == "yes"
    return Vector(path.name, keys["expect"], keys.get("payload"), identities, is_armored, body)


FILES = [path for path in sorted(VECTORS.iterdir()) if not path.suffix and not path.name.startswith(".")]
ALL = [vector for path in FILES if (vector := read_vector(path)) is not None]
every_vector = pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector.name)


def test_all_published_vectors_run() -> None:
    assert len(FILES) == len(ALL) == PUBLISHED
    assert {vector.expect for vector in ALL} == set(EXPECTATIONS)


@every_vector
def test_a_stream_releases_exactly_the_expected_bytes(vector: Vector) -> None:
    released = hashlib.sha256()
    failure: type[AgeError] | None = None
    try:
        for piece in open_stream(io.BytesIO(vector.sealed()), vector.identities):
            released.update(piece)
    except AgeError as error:
        failure = type(error)
    assert failure is EXPECTATIONS[vector.expect]
    if vector.payload is not None:
        assert released.hexdigest() == vector.payload


@every_vector
def test_unseal_returns_all_or_nothing(vector: Vector) -> None:
    expected = EXPECTATIONS[vector.expect]
    if expected is None:
        assert hashlib.sha256(unseal(vector.sealed(), vector.identities)).hexdigest() == vector.payload
    else:
        with pytest.raises(expected):
            unseal(vector.sealed(), vector.identities)


@every_vector
def test_random_access_agrees(vector: Vector) -> None:
    def read_all() -> str:
        sealed = vector.sealed()
        file = SealedFile(lambda at, length: sealed[at : at + length], len(sealed), vector.identities)
        return hashlib.sha256(file.read_at(0, file.size)).hexdigest()

    expected = EXPECTATIONS[vector.expect]
    if expected is None:
        assert read_all() == vector.payload
    else:
        with pytest.raises(expected):
            read_all()
