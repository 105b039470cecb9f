"""Properties of ids, fields, rows, words and queries."""

import unicodedata

import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

from satchel.errors import UsageError
from satchel.index.expressions import expression
from satchel.index.query import Phrase, parse
from satchel.index.snippet import SNIPPET_CHARS, snippet
from satchel.index.words import Words, indexed, names_in, parts_of
from satchel.pieces import fields, ulid
from satchel.pieces.media import decode_text
from satchel.store import Changes, Draft, Source, SuggestedValue, WholeFile, sniff
from satchel.store.rows import from_ms, read_list, read_suggested, to_ms, write_list, write_suggested

ANY_TEXT = st.text(st.characters())
TIMES = st.integers(0, ulid.MAX_TIME)
ENTROPY = st.binary(min_size=10, max_size=10)


@given(TIMES, ENTROPY)
def test_an_id_is_canonical_and_holds_its_time(time: int, entropy: bytes) -> None:
    text = ulid.encode(time, entropy)
    assert len(text) == ulid.LENGTH
    assert ulid.canonical(text.lower()) == text
    assert ulid.time_of(text) == time


@given(TIMES, ENTROPY, st.integers(1, ulid.LENGTH))
def test_every_prefix_of_an_id_covers_it(time: int, entropy: bytes, length: int) -> None:
    first, last = ulid.time_range(ulid.encode(time, entropy)[:length])
    assert first <= time <= last


@given(st.lists(st.tuples(TIMES, ENTROPY), min_size=2))
def test_ids_sort_as_their_times_do(parts: list[tuple[int, bytes]]) -> None:
    ids = [ulid.encode(time, entropy) for time, entropy in parts]
    assert sorted(ids) == [ulid.encode(time, entropy) for time, entropy in sorted(parts)]


@given(st.integers(-(10**13), 10**14))
def test_times_round_trip_to_the_millisecond(ms: int) -> None:
    assert to_ms(from_ms(ms)) == ms


@given(st.lists(ANY_TEXT.filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text))))
def test_lists_round_trip(values: list[str]) -> None:
    assert read_list(write_list(tuple(values))) == tuple(values)


SUGGESTED = st.builds(
    SuggestedValue,
    st.sampled_from(sorted(fields.SUGGESTED_FIELDS)),
    ANY_TEXT,
    st.sampled_from(["a/1", "b/2"]),
)


@given(st.lists(SUGGESTED, max_size=8))
def test_suggestions_are_normalized_and_round_trip(given_values: list[SuggestedValue]) -> None:
    try:
        once = fields.suggested(given_values)
    except UsageError:  # longer than a field may be, perhaps only after casefolding
        reject()
    assert fields.is_suggested(once)
    assert fields.suggested(once) == once
    assert read_suggested(write_suggested(once)) == once


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, st.lists(ANY_TEXT, max_size=5), st.lists(ANY_TEXT, max_size=5))
def test_normalizing_a_draft_is_idempotent(
    title: str, description: str, language: str, tags: list[str], links: list[str]
) -> None:
    draft = Draft(
        b"x",
        title=title,
        description=description,
        language=language,
        tags=tuple(tags),
        links=tuple(links),
        source=Source("file", title, description),
    )
    try:
        once = fields.normalize_draft(draft)
    except UsageError:  # longer than a field may be, perhaps only after casefolding
        reject()
    assert fields.normalize_draft(once) == once
    assert all(tag and " " not in tag for tag in once.tags)
    "".join([once.title, once.description, *once.tags, *once.links]).encode()  # no surrogates


@given(ANY_TEXT, ANY_TEXT)
def test_normalizing_changes_is_idempotent(title: str, language: str) -> None:
    try:
        once = fields.normalize_changes(Changes(title=title, language=language))
    except UsageError:
        reject()
    assert fields.normalize_changes(once) == once


@given(ANY_TEXT, st.none() | ANY_TEXT)
def test_a_file_name_is_normalized_or_refused(name: str, language: str | None) -> None:
    draft = Draft(b"x", files=(WholeFile(name, b"", language),))
    try:
        once = fields.normalize_draft(draft)
    except UsageError:
        return
    assert fields.normalize_draft(once) == once
    [file] = once.files
    assert "/" not in file.name
    assert not {unicodedata.category(char) for char in file.name} & {"Cc", "Cs", "Zl", "Zp"}
    assert len(file.name.encode()) <= fields.MAX_FILE_NAME_BYTES


@given(st.binary())
def test_any_content_is_decoded_by_its_detected_type(content: bytes) -> None:
    media_type = sniff(content)
    text = decode_text(content, media_type)
    assert (text is None) == (not media_type.startswith("text/"))
    assert (
        text is None
        or "\ufffd" not in text
        or "\ufffd".encode() in content
        or b"\xff\xfd" in content
        or b"\xfd\xff" in content
    )


@given(st.text(st.characters(codec="utf-8")))
@example("İstanbul ǅungla ŉ ﬃ ẞ")
@example("a\u0301\u0328b 한글 か\u3099 ก็")
def test_every_name_in_a_text_is_found_by_a_query_for_it(text: str) -> None:
    words = Words().of_text(text)[0].split(" ")
    for name in names_in(text):
        if any(parts_of(name)):
            searched = [word for part in parts_of(name) for word in indexed(part)]
            assert _contains(words, searched)
            phrase = parse(f'"{name}"').phrases[0]
            assert phrase.is_prefix or _contains(words, list(phrase.words))


@given(st.text(st.characters(codec="utf-8")))
def test_every_word_is_one_token_to_sqlite(text: str) -> None:
    body, beside = Words().of_text(text)
    for word in (body + " " + beside).split():
        assert all(char.isalnum() or ord(char) > 127 for char in word)
        assert word == "".join(chr(ord(char) + 32) if "A" <= char <= "Z" else char for char in word)


@given(ANY_TEXT)
@settings(max_examples=300)
def test_any_query_is_parsed_or_refused_in_one_line(text: str) -> None:
    try:
        query = parse(text)
    except UsageError as error:
        assert len(error.message.splitlines()) == 1  # noqa: PT017 -- either outcome is fine
        return
    assert query.must
    assert expression(query).count('"') % 2 == 0


@given(ANY_TEXT, st.lists(st.sampled_from(["http", "x", "文", "ä"]), max_size=3))
def test_a_snippet_is_one_printable_line(text: str, words: list[str]) -> None:
    shown = snippet(text, [Phrase((word,), (word,)) for word in words])
    assert len(shown) <= SNIPPET_CHARS
    assert shown.isprintable()


def _contains(words: list[str], searched: list[str]) -> bool:
    size = len(searched)
    return any(words[at : at + size] == searched for at in range(len(words) - size + 1))


LIGATURES = "\ufb03" * 100  # each casefolds to three letters


@pytest.mark.parametrize("draft", [Draft(b"", language=LIGATURES), Draft(b"", tags=(LIGATURES,))])
def test_text_that_casefolding_makes_too_long_is_refused(draft: Draft) -> None:
    with pytest.raises(UsageError, match="characters"):
        fields.normalize_draft(draft)


def test_a_refused_draft_names_the_field() -> None:
    with pytest.raises(UsageError, match="title"):
        fields.normalize_draft(Draft(b"", title="x" * 2_000))
