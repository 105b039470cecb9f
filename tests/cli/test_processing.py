"""`satchel processing`: where models run, what a blended one sends, and that nothing goes where the owner did not choose."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Cli
from tests.support.language_models import FAULTS, LanguageModels
from tests.support.language_models.faults import refuses
from tests.support.waiting import wait_until

from satchel.ledger import Entry, Ledger
from satchel.models.registry import ENTRIES
from satchel.processing.blendable import BLENDABLE, BUDGET_TOKENS, LOCAL_ONLY
from satchel.prompts import count_tokens

KEY = "sk-processing-key-7c0ffee7"
CODE = "def parse(line):\n    # Split a header line into its name and its value.\n    return line.split(':', 1)\n"


@pytest.fixture
def server() -> Iterator[LanguageModels]:
    with LanguageModels("openai", keys={KEY}) as started:
        yield started


@pytest.fixture
def blended(cli: Cli, server: LanguageModels) -> Cli:
    """A home whose titles ask the server."""
    point(cli, server)
    cli.ok("processing", "set", "titles", "blended")
    return cli


def point(cli: Cli, server: LanguageModels) -> None:
    cli.ok("endpoint", "set", server.url, "--model", "tiny", "--key-from", "-", stdin=KEY.encode())


def entries(cli: Cli) -> list[Entry]:
    if not (cli.home / "ledger.db").exists():
        return []
    with Ledger.open(cli.home) as ledger:
        ledger.verify()
        return ledger.entries()


def save(cli: Cli, content: str, *arguments: str) -> dict[str, object]:
    found: dict[str, object] = cli.json("save", "-", *arguments, stdin=content.encode())
    return found


# -- the table ---------------------------------------------------------------------------------


def test_every_model_runs_on_this_device_by_default(cli: Cli) -> None:
    document = cli.json("processing")
    assert (document["endpoint"], document["offline"]) == (None, False)
    assert [row["name"] for row in document["models"]] == [*(entry.name for entry in ENTRIES), "ask"]
    assert {(row["runs"], row["where"], row["sends"]) for row in document["models"]} == {
        ("local", "this device", "nothing")
    }
    assert "titles/2\tlocal\tthis device\tnothing" in cli.ok("processing").text


def test_every_model_may_be_blended_or_has_a_reason() -> None:
    assert {entry.name for entry in ENTRIES} == BLENDABLE.keys() | LOCAL_ONLY.keys()
    assert not BLENDABLE.keys() & LOCAL_ONLY.keys()


def test_the_table_tells_where_a_blended_model_sends_what(blended: Cli, server: LanguageModels) -> None:
    document = blended.json("processing")
    assert document["endpoint"]["origin"] == server.origin
    rows = {row["name"]: row for row in document["models"]}
    assert (rows["titles"]["runs"], rows["titles"]["where"]) == ("blended", server.origin)
    assert f"at most {BUDGET_TOKENS:,} tokens" in rows["titles"]["sends"]
    assert rows["ask"]["where"] == server.origin
    assert {row["where"] for name, row in rows.items() if name not in {"titles", "ask"}} == {"this device"}
    assert server.asked == []


def test_the_report_is_a_page(blended: Cli, server: LanguageModels) -> None:
    text = blended.ok("processing", "--report").text
    assert f"| titles/2 | blended | {server.origin} |" in text
    assert text.count("\n| ") == len(ENTRIES) + 2
    assert "offline" not in text
    assert "satchel is offline" in blended.ok("processing", "--report", "--offline").text
    assert KEY not in text


# -- switching ---------------------------------------------------------------------------------


def test_a_model_is_not_blended_before_an_endpoint_is_set(cli: Cli) -> None:
    answer = cli.run("processing", "set", "titles", "blended")
    assert (answer.code, "no endpoint is set" in answer.err) == (4, True)
    assert not (cli.home / "processing.json").exists()


@pytest.mark.parametrize("name", [*LOCAL_ONLY, "ask"])
def test_other_models_only_run_on_this_device(blended: Cli, name: str) -> None:
    answer = blended.run("processing", "set", name, "blended")
    assert (answer.code, answer.err.count("\n")) == (4, 2)


def test_an_unknown_model_is_not_found(blended: Cli) -> None:
    answer = blended.run("processing", "set", "title", "blended")
    assert (answer.code, "did you mean titles" in answer.err) == (3, True)
    assert blended.run("processing", "set", "titles", "remote").code == 2


@pytest.mark.parametrize("change", ["another server", "another path", "removed"])
def test_with_another_endpoint_every_model_runs_on_this_device_again(
    blended: Cli, server: LanguageModels, change: str
) -> None:
    with LanguageModels("ollama") as other:
        if change == "removed":
            answer = blended.ok("endpoint", "remove")
        else:
            url = other.url if change == "another server" else f"{server.origin}/v2"
            answer = blended.ok("endpoint", "set", url, "--model", "tiny")
        assert "titles runs on this device again" in answer.err
        save(blended, CODE)
        assert (server.asked, other.asked, entries(blended)) == ([], [], [])
    assert {row["runs"] for row in blended.json("processing")["models"] if row["name"] != "ask"} == {"local"}
    point(blended, server)  # back again: the choice was given up, not kept
    save(blended, CODE + "#")
    assert server.asked == []


def test_a_choice_holds_for_the_endpoint_that_it_names(blended: Cli, server: LanguageModels) -> None:
    """Even if the endpoint's file is changed by something else."""
    with LanguageModels("openai", keys=set()) as other:
        path = blended.home / "endpoint.json"
        path.write_text(path.read_text().replace(server.url, other.url))
        save(blended, CODE)
        assert (server.asked, other.asked) == ([], [])


def test_the_same_endpoint_with_another_model_stays_blended(blended: Cli, server: LanguageModels) -> None:
    blended.ok("endpoint", "set", server.url, "--model", "large")
    save(blended, CODE)
    assert server.prompts[0].document["model"] == "large"


def test_a_model_can_be_switched_back(blended: Cli, server: LanguageModels) -> None:
    blended.ok("processing", "set", "titles", "local")
    blended.ok("processing", "set", "tags", "blended")
    blended.ok("processing", "reset")
    save(blended, CODE)
    assert server.asked == []


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", 5), ('{"format": "satchel-processing/1", "blended": {"titles": 1}}', 5), ('{"format": "satchel-processing/1"}', 5),
        ('{"format": "satchel-processing/1", "blended": {}, "more": 1}', 5), ('{"format": "satchel-processing/2"}', 1),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_sends_nothing(
    blended: Cli, server: LanguageModels, document: str, code: int
) -> None:
    (blended.home / "processing.json").write_text(document)
    assert blended.run("processing").code == code
    assert save(blended, CODE)["is_new"] is True
    assert server.asked == []
    blended.ok("processing", "reset")
    assert blended.json("processing")["models"]


# -- what a blended model does -----------------------------------------------------------------


def test_a_saved_piece_gets_the_title_of_the_endpoint(blended: Cli, server: LanguageModels) -> None:
    server.say('"Split a header ', 'line"\n')
    found = save(blended, CODE)
    assert found["title"] == "Split a header line"
    host = server.origin.partition("://")[2]
    [suggested] = [one for one in found["suggested"] if one["field"] == "title"]  # type: ignore[attr-defined]
    assert (suggested["model"], suggested["is_taken"]) == (f"titles:tiny@{host}/1", True)
    [entry], [asked] = entries(blended), server.prompts
    assert (entry.sent.kind, entry.sent.why, entry.sent.pieces) == ("prompt", "satchel save", (found["id"],))
    assert entry.text == asked.body
    assert asked.document["messages"][1] == {"role": "user", "content": CODE}


def test_all_blended_models_fill_their_fields(blended: Cli, server: LanguageModels) -> None:
    for name in ("descriptions", "tags"):
        blended.ok("processing", "set", name, "blended")
    server.say("http, Header Parsing, #python")
    found = save(blended, CODE)
    shown = blended.json("show", str(found["id"]))
    assert shown["tags"] == ["header-parsing", "http", "python"]
    assert shown["description"] == shown["title"] == "http, Header Parsing, #python"
    assert len(server.prompts) == 3
    assert [entry.sent.pieces for entry in entries(blended)] == [(found["id"],)] * 3


def test_only_the_start_leaves_and_no_secret(blended: Cli, server: LanguageModels) -> None:
    secret = "ghp_" + "k9Q2xV7bN4mL1pR8sT3wY6zA5cD0eF7gHjK2"
    server.say("Uses <SECRET_1>")
    content = f"TOKEN = '{secret}'\nmail ann@corp.com\n" + "".join(
        f"line {n} of a long text\n" for n in range(9_000)
    )
    found = save(blended, content, "--description", "d", "--tag", "t")
    body = server.prompts[0].body.decode()
    assert secret not in body
    assert "ann@corp.com" not in body
    assert "line 8999" not in body
    assert count_tokens(server.prompts[0].document["messages"][1]["content"]) <= BUDGET_TOKENS
    assert found["title"] == f"Uses {secret}"
    assert entries(blended)[0].text == server.prompts[0].body


def test_what_the_owner_sets_is_neither_asked_for_nor_sent(blended: Cli, server: LanguageModels) -> None:
    save(blended, CODE, "--title", "mine")
    assert server.asked == []
    found = save(blended, CODE + "#", "--tag", "a-private-tag", "--description", "a private description")
    assert b"private" not in server.prompts[0].body
    assert found["tags"] == ["a-private-tag"]


@pytest.mark.parametrize("more", [("--no-suggest",), ("--suggest", "quick"), ("--suggest", "none")])
def test_without_all_models_the_endpoint_is_not_asked(
    blended: Cli, server: LanguageModels, more: tuple[str, ...]
) -> None:
    save(blended, CODE, *more)
    assert server.asked == []


def test_neither_an_import_nor_a_dry_run_asks(blended: Cli, server: LanguageModels, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    blended.ok("import", tmp_path)
    blended.ok("suggest", "--all", "--dry-run")
    blended.ok("show", "@last")
    blended.ok("search", "header")
    assert server.asked == []


def test_suggest_asks_for_kept_pieces(blended: Cli, server: LanguageModels) -> None:
    piece = blended.save(CODE)
    server.say("Header lines")
    document = blended.json("suggest", piece)
    [title] = [each for each in document["changed"][0]["fields"] if each["field"] == "title"]
    assert (title["after"], "titles:tiny@" in title["models"][0]) == (["Header lines"], True)
    assert entries(blended)[0].sent.why == "satchel suggest"
    # without an answer, what the endpoint suggested before is kept
    server.fail(FAULTS["hangs up"])
    assert blended.ok("suggest", piece).code == 0
    assert blended.json("show", piece)["title"] == "Header lines"
    # and refused as any other
    blended.ok("suggest", "--refuse", piece, "title")
    blended.ok("suggest", piece)
    assert blended.json("show", piece)["title"] != "Header lines"


def test_removing_a_piece_erases_what_quoted_it(blended: Cli) -> None:
    found = save(blended, CODE)
    assert entries(blended)[0].text is not None
    blended.ok("rm", str(found["id"]), "--yes")
    assert entries(blended)[0].text is None


# -- failures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [*map(refuses, ("wrong-key", "rate-limit", "failed", "too-long")), *map(FAULTS.get, ("cut", "hangs up", "is not JSON"))]
)  # fmt: skip
def test_a_failure_falls_back_to_this_device_and_is_told(
    blended: Cli, server: LanguageModels, fault: object
) -> None:
    expected = Cli.json(blended, "save", "-", "--again", stdin=CODE.encode())["title"]
    blended.ok("processing", "set", "titles", "local")
    local = save(blended, CODE, "--again")["title"]
    blended.ok("processing", "set", "titles", "blended")
    server.fail(fault)  # type: ignore[arg-type]
    answer = blended.ok("save", "-", "--again", stdin=CODE.encode())
    assert "titles ran on this device: " in answer.err
    assert answer.err.count("\n") == 1
    assert KEY not in answer.err
    assert blended.json("show", answer.text.strip())["title"] == local != expected


def test_an_answer_of_no_use_is_told(blended: Cli, server: LanguageModels) -> None:
    server.say(" ", "\n" * 50)
    assert "is of no use" in blended.ok("save", "-", stdin=CODE.encode()).err
    server.say("x" * 5_000)
    assert "is of no use" in blended.ok("save", "-", stdin=b"another text\n").err


def test_thoughts_before_an_answer_are_left_out_and_half_an_answer_is_of_no_use(
    blended: Cli, server: LanguageModels
) -> None:
    server.say("<think>a title\nfor this</think>\n\n", "Header lines")
    assert save(blended, CODE)["title"] == "Header lines"
    server.say("Header lines and", finish="length")
    answer = blended.ok("save", "-", stdin=CODE.encode() + b"#")
    assert "is of no use" in answer.err
    assert blended.json("show", answer.text.strip())["title"] != "Header lines and"


def test_a_prompt_that_is_too_long_ends_no_run(blended: Cli, server: LanguageModels) -> None:
    for number in range(2):
        blended.save(CODE + "#" * number)
    server.fail(refuses("too-long", what="12000"))
    assert "the prompt is too long" in blended.ok("suggest", "--all").err
    assert len(server.prompts) == 2


def test_saving_never_waits_long(
    blended: Cli, server: LanguageModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("satchel.processing.asking.WHILE_SAVING_S", 2.0)
    monkeypatch.setattr("satchel.processing.asking.SHORTEST_WAIT_S", 0.001)
    server.fail(FAULTS["is silent"], FAULTS["is silent"])
    for name in ("descriptions", "tags"):
        blended.ok("processing", "set", name, "blended")
    answer = blended.ok("save", "-", stdin=CODE.encode())
    assert "titles, descriptions, tags ran on this device: " in answer.err
    wait_until(lambda: bool(server.prompts))  # a busy server reads a request after satchel has given up
    assert len(server.prompts) == 1, "after a failure, nothing is asked again"


@pytest.mark.parametrize("how", ["--offline", "SATCHEL_OFFLINE"])
def test_offline_saving_goes_on_without_the_endpoint(blended: Cli, server: LanguageModels, how: str) -> None:
    if how == "SATCHEL_OFFLINE":
        blended.variables[how] = "on"
    answer = blended.ok("save", "-", *(["--offline"] if how == "--offline" else []), stdin=CODE.encode())
    assert "titles ran on this device: nothing was sent to" in answer.err
    assert (server.asked, entries(blended)) == ([], [])


def test_the_file_is_that_of_the_page(blended: Cli, server: LanguageModels) -> None:
    document = json.loads((blended.home / "processing.json").read_text())
    assert document == {"format": "satchel-processing/1", "blended": {"titles": server.url}}
    assert (blended.home / "processing.json").stat().st_mode & 0o777 == 0o600
