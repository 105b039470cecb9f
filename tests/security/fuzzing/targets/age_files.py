"""age files and keys: header, armor, payload, whole files, the text of keys."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.security.fuzzing.table import Target, require

from satchel.age import (
    AgeError,
    FileKey,
    Header,
    HybridIdentity,
    HybridRecipient,
    Identity,
    ScryptIdentity,
    ScryptRecipient,
    SealedFile,
    Stanza,
    X25519Identity,
    X25519Recipient,
    armor,
    bech32,
    dearmor,
    seal,
    unseal,
)
from satchel.age.format import (
    MAC_BYTES,
    MAX_HEADER_BYTES,
    VERSION_LINE,
    decode_base64,
    encode_base64,
    header_length,
)
from satchel.age.keywrap import _mac, make_header, open_header

VECTORS: Final = Path(__file__).parents[3] / "vectors" / "age"
X25519: Final = X25519Identity.from_bytes(bytes(range(32)))
HYBRID: Final = HybridIdentity.from_bytes(bytes(range(32)))
PASSPHRASE: Final = "word"
MAX_LOG_N: Final = 4  # cheap; the limit itself is what counts
OURS: Final[list[Identity]] = [X25519, HYBRID, ScryptIdentity(PASSPHRASE, MAX_LOG_N)]
FILE_KEY: Final = FileKey(bytes(range(16)))
NONCE: Final = bytes(16)
SMALL_VECTOR: Final = 3000


def vectors() -> Iterator[bytes]:
    """Yield the files of the vectors, without their descriptions."""
    for path in sorted(VECTORS.iterdir()):
        data = path.read_bytes().partition(b"\n\n")[2]
        if path.name != "README.md" and 0 < len(data) < SMALL_VECTOR:
            yield data


def sealed_files() -> Iterator[bytes]:
    """Yield one file for each kind of recipient, some with several."""
    yield seal(b"text", [X25519.recipient])
    yield seal(b"text" * 50, [HYBRID.recipient])
    yield seal(b"", [ScryptRecipient(PASSPHRASE, 2)])
    yield seal(b"a", [X25519Identity.generate().recipient, X25519.recipient])


def headers() -> Iterator[bytes]:
    """Yield the headers of the files above, and of the vectors."""
    for sealed in (*sealed_files(), *vectors()):
        try:
            length = header_length(sealed, is_whole=True)
        except AgeError:
            continue
        yield sealed[:length]


def read_header(data: bytes) -> None:
    header = Header.parse(data)
    require(header.marshal() == data, "a header encodes to other bytes")


def read_start(data: bytes) -> None:
    """A prefix never contradicts the whole file, and no header exceeds its limit."""
    early = header_length(data[: len(data) // 2], is_whole=False)
    whole = header_length(data, is_whole=True)
    require(whole is not None and whole <= MAX_HEADER_BYTES + 100, "a header without an end")
    require(early in (None, whole), "a prefix of a file has another header")


def read_armor(data: bytes) -> None:
    sealed = dearmor(data)
    require(dearmor(armor(sealed)) == sealed, "armor changes a file")


def open_file(data: bytes) -> None:
    """The two readers of whole files agree."""
    plain = unseal(data, OURS)
    sealed = SealedFile(lambda offset, length: data[offset : offset + length], len(data), OURS)
    require(sealed.read_at(0, sealed.size) == plain, "the two readers disagree")


def open_stanzas(data: bytes) -> None:
    """Stanzas in an authentic header: the errors are those of the stanzas, not of the MAC."""
    mac = b"--- " + encode_base64(bytes(MAC_BYTES)).encode() + b"\n"
    stanzas = Header.parse(VERSION_LINE + data + mac).stanzas
    own = make_header(FILE_KEY, [X25519.recipient]).stanzas
    open_header(authentic((*stanzas, *own)), OURS)


def authentic(stanzas: tuple[Stanza, ...]) -> Header:
    """Return a header whose MAC is valid under FILE_KEY."""
    return Header(stanzas, _mac(FILE_KEY, Header(stanzas, b"")))


def stanza_seeds() -> Iterator[bytes]:
    for header in headers():
        yield header[len(VERSION_LINE) : header.rfind(b"---")]


def open_payload(data: bytes) -> None:
    """A payload behind an authentic header, as a stream and at random places."""
    start = make_header(FILE_KEY, [X25519.recipient], lambda size: bytes(range(size))).marshal() + NONCE
    open_file(start + data)


def payload_seeds() -> Iterator[bytes]:
    for plain in (b"", b"x", bytes(100)):
        sealed = io.BytesIO(seal(plain, [X25519.recipient], entropy=lambda size: bytes(range(size))))
        yield sealed.getvalue()[header_length(sealed.getvalue(), is_whole=True) or 0 :][len(NONCE) :]


def read_base64(data: bytes) -> None:
    require(encode_base64(decode_base64(data)).encode() == data, "base64 with two forms")


def read_key(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    hrp, key = bech32.decode(text)
    require(bech32.encode(hrp, key) == text.lower(), "a key with two forms")
    for kind in (X25519Recipient, X25519Identity, HybridRecipient, HybridIdentity):
        try:
            parsed = kind.parse(text)
        except AgeError:
            continue
        require(str(parsed).lower() == text.lower(), "a key with two forms")
        if isinstance(parsed, (X25519Identity, HybridIdentity)):
            require(bytes(type(parsed).from_bytes(bytes(parsed))) == bytes(parsed), "another identity")


def key_seeds() -> Iterator[bytes]:
    for key in (X25519, HYBRID):
        yield str(key).encode()
        yield str(key.recipient).encode()


WORDS: Final = (
    b"age-encryption.org/v1\n",
    b"-> X25519 ",
    b"-> scrypt ",
    b"-> mlkem768x25519 ",
    b"\n--- ",
    b" 1\n",
    b"\r\n",
)
TARGETS: Final = (
    Target("age-header", read_header, headers, (AgeError,), WORDS),
    Target("age-header-start", read_start, headers, (AgeError,), WORDS),
    Target(
        "age-armor",
        read_armor,
        lambda: (armor(each) for each in sealed_files()),
        (AgeError,),
        (b"-----BEGIN AGE ENCRYPTED FILE-----", b"=\n"),
    ),
    Target("age-file", open_file, lambda: (*sealed_files(), *vectors()), (AgeError,), WORDS),
    Target("age-stanzas", open_stanzas, stanza_seeds, (AgeError,), WORDS),
    Target("age-payload", open_payload, payload_seeds, (AgeError,)),
    Target("age-base64", read_base64, lambda: [b"AAAA", b"AA", b"+/8"], (AgeError,)),
    Target("age-key", read_key, key_seeds, (AgeError,), (b"AGE-SECRET-KEY-1", b"age1pq1", b"age1")),
)
