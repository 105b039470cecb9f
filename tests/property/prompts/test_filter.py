"""For any text: nothing that the filter finds remains, and putting the values back gives the text again."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from satchel.models.secrets import scan_text
from satchel.prompts import Filter, Filtered
from satchel.prompts.placeholders import PLACEHOLDER

letters = st.text(string.ascii_letters + string.digits, min_size=36, max_size=40)
tokens = letters.map(lambda text: f"ghp_{text[:36]}")
passwords = st.text(string.ascii_letters + string.digits + "!$%&*+", min_size=10, max_size=20)
names = st.sampled_from(["ann", "bob.lee", "x", "deploy-7", "é", "o_o"])
host_names = st.sampled_from(
    ["db1.corp.internal", "build7", "10.0.0.7", "a.b.example.com", "fe80::1:2", "HOST_1"]
)
keys = letters.map(
    lambda text: f"-----BEGIN EC PRIVATE KEY-----\n{text * 3}\n{text}\n-----END EC PRIVATE KEY-----"
)
secrets = st.one_of(
    tokens,
    keys,
    passwords.map(lambda text: f"password = '{text}'"),
    passwords.map(lambda text: f"postgres://app:{text}@"),
    letters.map(lambda text: f"AWS_SECRET_ACCESS_KEY={text}"),
    tokens.map(lambda text: f"{text[:20]}\u200b{text[20:]}"),
    tokens.map(lambda text: f'"{text[:20]}" + "{text[20:]}"'),
)
others = st.one_of(
    st.builds("{}@{}".format, names, host_names),
    st.builds("https://{}/{}".format, host_names, names),
    st.builds("/home/{}".format, names),
    st.builds(r"C:\Users\{}".format, names),
    host_names,
)
placeholders = st.sampled_from(
    [
        "<SECRET_1>",
        "<SECRET_2>",
        "<HOST_1>",
        "<HOST_2>",
        "<EMAIL_1>",
        "<HOME_1>",
        "<SECRET_",
        "1>",
        "<",
        "<<",
        "_1>",
    ]
)
fillers = st.sampled_from(
    [" ", "\n", "\r\n", "\r", "'", '"', "=", ":", "@", "/", ".", "://", "\0", "\u200b", "-", "ssh "]
)
fragments = st.one_of(secrets, others, placeholders, fillers, st.text(max_size=12))
texts = st.lists(fragments, max_size=14).map("".join)


@settings(max_examples=100, deadline=None)
@given(texts)
def test_nothing_that_is_found_remains_and_everything_comes_back(text: str) -> None:
    filtered = Filter(home="/srv/ann", host="build7").apply(text)
    assert filtered.restore(filtered.text) == text
    assert not scan_text(filtered.text)
    ours = list(filtered.known.places(filtered.text))
    for one in Filter(home="/srv/ann", host="build7").find(filtered.text):
        assert any(start <= one.start and one.end <= end for start, end in ours), one


@settings(max_examples=40, deadline=None)
@given(st.lists(texts, min_size=1, max_size=3))
def test_a_value_has_one_placeholder_and_a_placeholder_one_value(several: list[str]) -> None:
    filtered = Filter().apply(*several)
    values = [one.value for one in filtered.replaced]
    assert len(set(values)) == len(values)
    assert not {one.placeholder for one in filtered.replaced} & {
        found for text in several for found in PLACEHOLDER.findall(text)
    }
    for text, shown in zip(several, filtered.texts, strict=True):
        assert filtered.restore(shown) == text


SAMPLE: Filtered = Filter().apply(
    "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a ann@example.com https://db.corp.internal/?x"
)
words = st.sampled_from(
    [
        "<SECRET_1>",
        "<EMAIL_1>",
        "<HOST_1>",
        "<HOST_9>",
        "https://<HOST_1>/?x",
        "https://e.example/",
        " ",
        "\n",
        "<",
        "a",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(words, max_size=20).map("".join), st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_an_answer_in_pieces_is_the_answer(answer: str, sizes: list[int]) -> None:
    restorer = SAMPLE.restorer()
    shown, at = "", 0
    while at < len(answer):
        size = sizes[at % len(sizes)]
        shown += restorer.feed(answer[at : at + size])
        at += size
    assert shown + restorer.end() == SAMPLE.restore(answer)
