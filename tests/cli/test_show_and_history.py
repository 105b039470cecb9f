"""`satchel show` and `satchel history`."""

import base64

import pytest
from tests.cli.conftest import Cli

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


@pytest.fixture
def piece(cli: Cli) -> str:
    """A Piece with three revisions."""
    piece_id = cli.save("first\n", "--title", "One", "--language", "python")
    cli.ok("edit", piece_id, "-", "--title", "Two", stdin=b"second\n")
    cli.ok("tag", piece_id, "t")
    return piece_id


@pytest.mark.parametrize("content", [b"text", b"text\n", b"a\r\nb", "é\u2028".encode(), PNG, b"\xe9t\xe9"])
def test_in_a_pipe_the_content_is_printed_byte_for_byte(cli: Cli, content: bytes) -> None:
    assert cli.process("show", cli.save(content)).out == content


def test_a_prefix_of_an_id_is_enough_in_any_case(cli: Cli, piece: str) -> None:
    assert cli.ok("show", piece[:10].lower()).out == b"second\n"
    assert cli.ok("show", piece[:3]).out == b"second\n"


def test_an_ambiguous_prefix_is_refused(cli: Cli, piece: str) -> None:
    cli.save("other")
    answer = cli.run("show", piece[:1])
    assert answer.code == 2
    assert "several Pieces have ids that begin with" in answer.err


def test_the_document_has_the_fields_and_the_content(cli: Cli, piece: str) -> None:
    document = cli.json("show", piece)
    assert document.keys() == {
        "id", "title", "language", "tags", "created", "updated", "size_bytes",
        "description", "links", "media_type", "source", "revision", "files", "suggested", "content", "encoding",
        "agent", "client", "is_withdrawn",
    }  # fmt: skip
    assert (document["content"], document["encoding"], document["revision"]) == ("second\n", "text", 3)


def test_an_image_is_base64_in_the_document(cli: Cli) -> None:
    document = cli.json("show", cli.save(PNG))
    assert (base64.b64decode(document["content"]), document["encoding"]) == (PNG, "base64")


def test_a_terminal_gets_a_heading_and_colours(cli: Cli, piece: str) -> None:
    cli.ok("edit", piece, "-", stdin=b"def f(): return 1\n")
    text = cli.ok("show", piece, terminal=True).text
    assert "Two · python · #t" in text
    assert "\x1b[" in text.replace("\x1b[2m", "")
    assert "\x1b[" not in Cli(cli.home, {"NO_COLOR": "1"}).ok("show", piece, terminal=True).text


def test_control_characters_in_content_are_escaped_on_a_terminal(cli: Cli) -> None:
    piece_id = cli.save("before\x1b]2;title\x07\x1b[2Jafter\x9b31m\r hidden", "--title", "x")
    text = cli.ok("show", piece_id, terminal=True).text
    assert "\x1b]" not in text
    assert "\x1b[2J" not in text
    assert "\r" not in text
    assert "\\x1b]2;title" in text


def test_an_image_is_not_printed_on_a_terminal(cli: Cli) -> None:
    text = cli.ok("show", cli.save(PNG), terminal=True).text
    assert "PNG" not in text
    assert "satchel show ID > FILE" in text


def test_earlier_revisions_can_be_shown(cli: Cli, piece: str) -> None:
    assert cli.ok("show", piece, "--revision", "1").out == b"first\n"
    document = cli.json("show", piece, "--revision", "1")
    assert (document["title"], document["tags"], document["revision"]) == ("One", [], 1)
    assert document["content"] == "first\n"
    answer = cli.run("show", piece, "--revision", "9")
    assert answer.code == 3


def test_history_lists_every_revision(cli: Cli, piece: str) -> None:
    document = cli.json("history", piece)
    assert document["id"] == piece
    assert [(each["revision"], each["title"]) for each in document["revisions"]] == [
        (1, "One"),
        (2, "Two"),
        (3, "Two"),
    ]
    assert [line.split("\t")[0] for line in cli.ok("history", piece).lines] == ["1", "2", "3"]
    assert "REVISION" in cli.ok("history", piece, terminal=True).text


def test_restoring_a_revision_adds_one(cli: Cli, piece: str) -> None:
    document = cli.json("history", piece, "--restore", "1")
    assert (document["revision"], document["title"]) == (4, "One")
    assert cli.ok("show", piece).out == b"first\n"
    assert len(cli.json("history", piece)["revisions"]) == 4
    assert cli.ok("show", piece, "--revision", "2").out == b"second\n"


def test_restoring_the_current_revision_changes_nothing(cli: Cli, piece: str) -> None:
    assert "already" in cli.ok("history", piece, "--restore", "3").text
    assert len(cli.json("history", piece)["revisions"]) == 3


def test_restoring_a_missing_revision_is_refused(cli: Cli, piece: str) -> None:
    assert cli.run("history", piece, "--restore", "7").code == 3


def test_json_on_a_terminal_is_escaped_and_keeps_its_meaning(cli: Cli) -> None:
    content = "before\x9b31m\x7f\u202eafter \u2028 ü"
    piece_id = cli.save(content, "--title", "x")
    seen = cli.ok("--json", "show", piece_id, terminal=True)
    assert not set("\x9b\x7f\u202e\u2028") & set(seen.text)
    assert "ü" in seen.text
    assert seen.document["content"] == content


def test_a_terminal_is_told_what_finds_the_piece(cli: Cli) -> None:
    piece_id = cli.save(b"def parse_header(line):\n    return line.split(':')\n")
    assert cli.ok("show", piece_id, terminal=True).err.startswith("find it with: parse header line")
    assert cli.ok("show", piece_id, "--quiet", terminal=True).err == ""
    assert cli.ok("show", piece_id).err == ""
