"""Summaries authenticate, for one owner and one archive."""

import hmac

import msgspec
import pytest
from tests.support.archives import NOON, OWNER, STRANGER, SUMMARY

from satchel.archive.destination import SUMMARY_LIMIT_BYTES
from satchel.archive.limits import BLOCK_BYTES, MAX_LABEL_CHARS
from satchel.archive.summary import MAC_BYTES, new_bytes_of, open_summary, signed_summary
from satchel.backup.create.sealing import label_of, seal_summary
from satchel.errors import IntegrityError


def test_a_summary_survives_encoding() -> None:
    assert open_summary(signed_summary(SUMMARY, OWNER.manifest_key), "a" * 32, OWNER.manifest_key) == SUMMARY


@pytest.mark.parametrize("has_memory", [True, False])
@pytest.mark.parametrize("blocks", [0, 1, 300])
def test_the_new_bytes_tell_of_a_memory(blocks: int, has_memory: bool) -> None:
    summary = msgspec.structs.replace(SUMMARY, new_bytes=new_bytes_of(blocks, has_memory=has_memory))
    assert (summary.new_data_bytes, summary.has_memory) == (blocks * BLOCK_BYTES, has_memory)


def test_the_length_of_a_summary_hides_its_counts_and_the_name_of_the_device() -> None:
    summaries = [
        msgspec.structs.replace(
            SUMMARY, device="x" * length, pieces=10 ** (length // 10), sequence=10 ** (length // 10)
        )
        for length in range(60)
    ]
    assert len({len(seal_summary(each, OWNER, bytes)) for each in summaries}) == 1


def test_a_summary_without_padding_is_read() -> None:
    """Earlier versions wrote none."""
    raw = signed_summary(SUMMARY, OWNER.manifest_key)[MAC_BYTES:].rstrip()
    mac = hmac.digest(OWNER.manifest_key, b"satchel/v1/summary\0" + raw, "sha256")
    assert open_summary(mac + raw, "a" * 32, OWNER.manifest_key) == SUMMARY


def test_the_longest_label_fits() -> None:
    longest = msgspec.structs.replace(SUMMARY, device=label_of("\U0001f600" * (MAX_LABEL_CHARS + 1)))
    assert len(seal_summary(longest, OWNER, bytes)) <= SUMMARY_LIMIT_BYTES


def test_the_summary_of_another_archive_is_refused() -> None:
    with pytest.raises(IntegrityError):
        open_summary(signed_summary(SUMMARY, OWNER.manifest_key), "c" * 32, OWNER.manifest_key)


@pytest.mark.parametrize(
    "opened",
    [
        b"",
        bytes(32),
        signed_summary(SUMMARY, STRANGER.manifest_key),
        signed_summary(SUMMARY, OWNER.manifest_key) + b" ",
        signed_summary(
            msgspec.structs.replace(SUMMARY, created=NOON.replace(tzinfo=None)), OWNER.manifest_key
        ),
        signed_summary(msgspec.structs.replace(SUMMARY, sequence=0), OWNER.manifest_key),
    ],
)
def test_anything_else_is_refused(opened: bytes) -> None:
    with pytest.raises(IntegrityError):
        open_summary(opened, "a" * 32, OWNER.manifest_key)
