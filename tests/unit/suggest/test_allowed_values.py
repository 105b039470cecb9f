"""The file with the values that the owner allowed: kept, refused if damaged, and left alone if it is newer."""

from pathlib import Path

import pytest

from satchel.errors import IntegrityError, SatchelError
from satchel.suggest.allowed_values import FILE_NAME, AllowedValues

ZEROS = bytes


def test_what_is_written_is_read(tmp_path: Path) -> None:
    allowed = AllowedValues().adding([b"one", b"two"], ZEROS)
    allowed.write(tmp_path)
    assert AllowedValues.read(tmp_path) == allowed
    assert AllowedValues.read(tmp_path / "elsewhere") == AllowedValues()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format":"satchel-allowed-secrets/1","salt":"zz","digests":[]}',
        '{"format":"satchel-allowed-secrets/1","salt":"00","digests":"abc"}',
        '{"format":"satchel-allowed-secrets/1","salt":"00","digests":[],"more":1}',
        '{"format":"satchel-cloud/1","salt":"00","digests":[]}',
    ],
    ids=range(6),
)
def test_a_damaged_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(IntegrityError, match="is damaged"):
        AllowedValues.read(tmp_path)


def test_a_newer_file_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('{"format":"satchel-allowed-secrets/2","salt":"00","values":{}}')
    with pytest.raises(SatchelError, match="newer than this version") as raised:
        AllowedValues.read(tmp_path)
    assert raised.value.hint == "update satchel"
