"""Messages are strict, immutable, and unchanged by encoding and decoding."""

from datetime import UTC, datetime

import msgspec
import pytest

from satchel_wire import messages
from satchel_wire.messages import (
    Backup,
    BackupRequest,
    OpenRequest,
    PasswordProfile,
    ShareChange,
    ShareRequest,
    UploadRequest,
)

ID = "0123456789abcdef" * 2
KINDS = [
    kind
    for kind in vars(messages).values()
    if isinstance(kind, type)
    and issubclass(kind, messages.Message)
    and kind not in (messages.Message, messages.TimedMessage)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_message_is_immutable_strict_and_keyword_only(
    kind: type[messages.Message],
) -> None:
    config = kind.__struct_config__
    assert (config.frozen, config.forbid_unknown_fields, config.omit_defaults) == (True, True, True)
    with pytest.raises(TypeError):
        kind(1)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"surely unknown": 1}', type=kind)


def test_decoding_an_encoded_message_returns_it_unchanged() -> None:
    sent = Backup(
        id=ID,
        created=datetime(2026, 1, 2, 3, 4, 5, 678000, UTC),
        expires=None,
        size_bytes=2**40,
        needs=(ID,),
        summary=b"\x00\xff",
    )
    assert msgspec.json.decode(msgspec.json.encode(sent), type=Backup) == sent


@pytest.mark.parametrize(
    "text", ["0" * 31, "0" * 33, "A" * 32, "g" * 32, "0" * 31 + "\n", "0" * 32 + "\n", "", "\u0660" * 32]
)
def test_an_id_has_32_hex_digits(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"upload": text, "proof_sha256": bytes(32)}, ShareRequest)


@pytest.mark.parametrize("expires", ["2027-01-01T00:00:00", "2027-01-01", "tomorrow", 1_800_000_000, True])
def test_a_time_needs_an_offset(expires: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"expires": expires, "summary": ""}), type=BackupRequest)


@pytest.mark.parametrize("size", [0, -1, 1.5, "1", None])
def test_an_upload_has_at_least_one_byte(size: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"kind": "share", "size_bytes": size}), type=UploadRequest)


@pytest.mark.parametrize("proof", [31, 33, 0])
def test_a_proof_has_32_bytes(proof: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"proof": bytes(proof)}), type=OpenRequest)


@pytest.mark.parametrize(("salt", "log_n"), [(15, 16), (17, 16), (16, 13), (16, 21)])
def test_the_parameters_of_a_password_are_bounded(salt: int, log_n: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"salt": bytes(salt), "log_n": log_n}), type=PasswordProfile)


def test_omitted_fields_of_a_change_differ_from_null() -> None:
    omitted = msgspec.json.decode(b'{"version":1}', type=ShareChange)
    removed = msgspec.json.decode(b'{"version":1,"expires":null,"views":null}', type=ShareChange)
    assert (omitted.expires, omitted.views) == (msgspec.UNSET, msgspec.UNSET)
    assert (removed.expires, removed.views) == (None, None)
    assert msgspec.json.encode(omitted) == b'{"version":1}'
    assert msgspec.json.encode(removed) == b'{"version":1,"expires":null,"views":null}'


def test_the_number_of_needed_archives_is_bounded() -> None:
    fits = {"needs": [ID] * 1000, "summary": b""}
    assert len(msgspec.json.decode(msgspec.json.encode(fits), type=BackupRequest).needs) == 1000
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({**fits, "needs": [ID] * 1001}), type=BackupRequest)


OUTSIDE = [
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59.999999-00:01",
]
INSIDE = ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00-14:00", "9999-12-31T23:59:59.999999Z"]


def test_every_message_with_a_time_checks_its_range() -> None:
    for kind in KINDS:
        has_time = any("datetime" in str(field.type) for field in msgspec.structs.fields(kind))
        assert has_time == issubclass(kind, messages.TimedMessage), kind.__name__


@pytest.mark.parametrize("text", OUTSIDE)
def test_a_time_without_a_utc_form_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="years 1 to 9999"):
        msgspec.json.decode(msgspec.json.encode({"expires": text, "summary": ""}), type=BackupRequest)


@pytest.mark.parametrize("text", INSIDE)
def test_a_time_with_a_utc_form_is_accepted(text: str) -> None:
    request = msgspec.json.decode(msgspec.json.encode({"expires": text, "summary": ""}), type=BackupRequest)
    assert request.expires is not None
    assert request.expires.astimezone(UTC) == request.expires


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_number_text_and_list_is_bounded(kind: type[messages.Message]) -> None:
    (schema,), components = msgspec.json.schema_components([kind])
    described = components[kind.__name__]["properties"]
    assert schema
    for name, value in described.items():
        for form in value.get("anyOf", [value]):
            if form.get("type") == "integer":
                assert form.get("maximum", 2**64) <= 2**53, (kind.__name__, name)
            if form.get("type") == "string" and "enum" not in form and form.get("format") != "date-time":
                assert "maxLength" in form, (kind.__name__, name)
            if form.get("type") == "array":
                assert "maxItems" in form, (kind.__name__, name)


@pytest.mark.parametrize("size", [2**53, 10**20, 10**400, -1])
def test_a_size_beyond_what_json_holds_exactly_is_refused(size: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(f'{{"kind":"share","size_bytes":{size}}}'.encode(), type=UploadRequest)
