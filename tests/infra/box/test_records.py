"""Records of clouds, as systemd and this program read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel_infra.box.records import BadRecordError, Record, parse_record, render_record
from satchel_infra.errors import ConfigurationError
from satchel_infra.names import NameKey, Owner, identify
from satchel_infra.platform import DECIDED, CloudSpec

OWNER = identify(NameKey(bytes(32)), issuer="https://issuer.example.org/", subject="one")
HOST = f"{OWNER.name}.s1.clouds.example.org"
RELEASE = "/opt/satchel/releases/1"
PRINTABLE = st.text(st.characters(codec="utf-8")).filter(str.isprintable)
NAMES = st.from_regex(r"SATCHEL_[A-Z_]{1,20}", fullmatch=True).filter(lambda name: name not in DECIDED)


def spec(**changes: str) -> CloudSpec:
    return CloudSpec(OWNER, HOST, changes.pop("image", RELEASE), changes)


@given(st.dictionaries(NAMES, PRINTABLE, max_size=5), st.booleans())
def test_a_record_is_read_as_it_was_written(settings: dict[str, str], is_complete: bool) -> None:
    record = Record(OWNER, HOST, RELEASE, is_complete, settings)
    assert parse_record(render_record(record)) == record


@given(st.text(max_size=200))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(BadRecordError):
        parse_record(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('CLOUD_HOST="', 'CLOUD_HOST="$'),
        ("\n", "\nCLOUD_HOST=\n"),
        (OWNER.tag, OWNER.tag[1:]),
        ('CLOUD_COMPLETE="no"', 'CLOUD_COMPLETE="perhaps"'),
        ("SATCHEL_PUBLIC_URL", "SATCHEL_PUBLIC_URI"),
        (f'CLOUD_RELEASE="{RELEASE}"\n', ""),
    ],
)
def test_a_changed_record_is_refused(old: str, new: str) -> None:
    text = render_record(Record.of(spec()))
    assert old in text
    with pytest.raises(BadRecordError):
        parse_record(text.replace(old, new, 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"image": "releases/1"},
        {"image": "/opt/%h"},
        {"image": "/opt/a b"},
        {"image": "/opt/../etc"},
        {"SATCHEL_STORAGE": "file:/var/lib/other"},
        {"SATCHEL_SHARES": "7\nLD_PRELOAD=/tmp/x"},
        {"ld_preload": "x"},
    ],
)
def test_what_a_record_cannot_hold_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        Record.of(spec(**changes))


def test_a_record_knows_whether_it_is_what_a_spec_says() -> None:
    record = Record.of(spec(SATCHEL_SHARES="7"))
    assert record.is_for(spec(SATCHEL_SHARES="7"))
    assert not record.is_for(spec())
    assert not record.is_for(spec(image="/opt/satchel/releases/2", SATCHEL_SHARES="7"))
    assert Owner(OWNER.tag) == record.owner
