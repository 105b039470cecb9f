"""Titles and descriptions quote no secret of their Piece."""

import pytest

from satchel.models.interface import Subject
from satchel.models.redaction import without_secrets
from satchel.models.registry import open_model

TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
PASSWORD = "S3cr3tPassw" + "0rd"
MODELS = ("titles", "descriptions", "first-lines")


def values(text: str) -> list[str]:
    return [one.value for name in MODELS for one in open_model(name).suggest(Subject(text))]


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"token {TOKEN}\nfor the nightly build\n",
        f"# Log in with {TOKEN} before the build.\necho hello\n",
        f"# {'The key of the deploy user of the build machine is'} {TOKEN}\ndef f(x): ...\n",
        f'{{"name": "{TOKEN}", "a": 1}}',
        f'{{"{TOKEN}": 1}}',
        f"[{TOKEN}]\na = 1\n",
        f"psql postgres://app:{PASSWORD}@db.example.com/orders",
        f"# connect with password={PASSWORD} to the database\nmake build\n",
        f"# {TOKEN}\n\nNotes on the build.\n",
        f"def f(x):\n    'Open the door with {TOKEN} and close it again.'\n    return x\n",
        f"<title>{TOKEN}</title>",
        f"diff --git a/{TOKEN} b/{TOKEN}\n@@ -1 +1 @@\n-a\n+b\n",
        f"select {TOKEN} from users",
    ],
    ids=range(14),
)
def test_no_value_quotes_a_secret(text: str) -> None:
    for value in values(text):
        for secret in (TOKEN, PASSWORD):
            plain = "".join(char for char in value.lower() if char.isalnum())
            assert "".join(char for char in secret.lower() if char.isalnum())[:9] not in plain


def test_the_words_around_a_secret_stay() -> None:
    text = f"# Log in with {TOKEN} before the build.\necho hello\n"
    assert "Log in with … before the build." in values(text)


def test_a_secret_and_nothing_else_is_told_by_its_kind() -> None:
    titles = open_model("titles").suggest(Subject(f"token {TOKEN}\nfor CI\n"))
    assert [one.value for one in titles] == ["Note with a GitHub personal access token"]


def test_a_secret_that_the_end_of_a_title_cuts_is_cut_out() -> None:
    assert without_secrets(f"Log in with {TOKEN[:12]}…", f"x {TOKEN} y") == "Log in with …"


def test_a_value_without_a_secret_stays() -> None:
    text = f"a = 1\nkey = {TOKEN}\n"
    assert without_secrets("Parse the key of the header", text) == "Parse the key of the header"
    assert without_secrets("Return the 3 largest numbers", text) == "Return the 3 largest numbers"
