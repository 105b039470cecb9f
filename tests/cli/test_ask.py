"""`satchel ask`: only what was shown leaves the device, and answers are quoted, cited, cleaned and kept."""

import datetime as dt
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import apsw
import pytest
from tests.cli.conftest import PROGRAM, Answer, Cli
from tests.support.language_models import FAULTS, FLAVOURS, LanguageModels
from tests.support.language_models.faults import refuses

from satchel.ledger import Ledger
from satchel.memory.database import MemoryStore
from satchel.memory.model import Event

TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
CODE = f'''TOKEN = "{TOKEN}"


def parse_header(line):
    """Split a header line."""
    return line.partition(b":")
'''
NOTES = "# Headers\n\nA header name is lower case. Ask ann@corp.example.com about db1.corp.internal in /home/ann/x.\n"
QUESTION = "how did we parse the header?"


@pytest.fixture
def server() -> Iterator[LanguageModels]:
    with LanguageModels("ollama") as started:
        yield started


@pytest.fixture
def filled(cli: Cli) -> Cli:
    cli.save(CODE, "--title", "parse.py", "--language", "python", "--no-suggest")
    cli.save(NOTES, "--title", "Notes on headers", "--no-suggest")
    cli.save("make all", "--title", "build", "--tag", "ci", "--no-suggest")
    return cli


@pytest.fixture
def connected(filled: Cli, server: LanguageModels) -> Cli:
    filled.ok("endpoint", "set", server.url, "--model", "tiny")
    return filled


def ask(cli: Cli, *options: str) -> Answer:
    return cli.ok("ask", QUESTION, "--yes", *options)


# -- what leaves -------------------------------------------------------------------------------


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_exactly_what_was_shown_leaves_and_is_in_the_ledger(filled: Cli, flavour: str) -> None:
    with LanguageModels(flavour, keys={"sk-1"}) as server:
        protocol = ("--protocol", server.protocol)
        filled.ok(
            "endpoint", "set", server.url, "--model", "tiny", *protocol, "--key-from", "-", stdin=b"sk-1"
        )
        shown = filled.ok("ask", QUESTION, "--show").out
        document = filled.json("ask", QUESTION, "--show")["prompt"]
        assert server.asked == []
        assert not (filled.home / "ledger.db").exists()
        assert document["body"].encode() == shown
        assert document["bytes"] == len(shown)
        ask(filled)
        (sent,) = server.asked
        assert sent.body == shown
        with Ledger.open(filled.home) as ledger:
            ledger.verify()
            (entry,) = ledger.entries()
        assert (entry.text, entry.sent.kind, entry.sent.why) == (shown, "prompt", "satchel ask")
        assert entry.sent.origin == document["origin"] == server.origin
        assert list(entry.sent.pieces) == document["pieces"]


def test_what_a_person_reads_is_every_value_of_the_request(connected: Cli, server: LanguageModels) -> None:
    code, said = connected.talk("ask", QUESTION, answers=[("[y/N] ", "y")])
    assert code == 0
    read = said.replace("\r\n", "\n").partition("send this to")[0]
    values = json.loads(server.prompts[0].body)
    for message in values.pop("messages"):
        assert "\n".join(f"  {line}" for line in message["content"].split("\n")) in read
    for name, value in values.items():
        assert f"\n{name}: {value if isinstance(value, str) else json.dumps(value)}\n" in f"\n{read}"
    assert f"to        {server.origin}, to the model tiny" in read
    assert f"{len(server.prompts[0].body):,} bytes" in read
    for shown in (
        "<SECRET_1>",
        "<EMAIL_1>  ann@corp.example.com",
        "<HOST_1>  db1.corp.internal",
        "<HOME_1>  /home/ann",
    ):
        assert shown in read
    assert TOKEN not in said


def test_secrets_never_leave_and_the_rest_as_set(connected: Cli, server: LanguageModels) -> None:
    ask(connected)
    ask(connected, "--replace", "none")
    connected.ok("settings", "set", "ask.replace", "email,home")
    ask(connected)
    first, second, third = (each.body.decode() for each in server.prompts)
    for sent in (first, second, third):
        assert TOKEN not in sent
    for value in ("ann@corp.example.com", "db1.corp.internal", "/home/ann"):
        assert value not in first
        assert value in second
    assert "db1.corp.internal" in third
    assert "/home/ann" not in third


def test_only_pieces_that_fit_are_quoted(connected: Cli, server: LanguageModels) -> None:
    ask(connected)
    assert "make all" not in server.prompts[0].body.decode()
    connected.ok("ask", "make header", "--yes", "--tag", "ci")
    assert "make all" in server.prompts[1].body.decode()
    assert "parse_header" not in server.prompts[1].body.decode()
    connected.ok("ask", QUESTION, "--yes", "--language", "python", "--limit", "1")
    assert "[2]" not in json.loads(server.prompts[2].body)["messages"][1]["content"]


def test_nothing_leaves_without_a_yes(connected: Cli, server: LanguageModels) -> None:
    refused = connected.run("ask", QUESTION)
    assert (refused.code, refused.out) == (2, b"")
    assert "nothing was sent" in refused.err
    code, said = connected.talk("ask", QUESTION, answers=[("[y/N] ", "")])
    assert (code, "cancelled; nothing was sent" in said) == (1, True)
    assert connected.run("ask", QUESTION, "--yes", "--offline").code == 6
    assert connected.ok("ask", QUESTION, "--local").out
    assert connected.run("ask", QUESTION, "--show", "--yes").code == 2
    assert "nothing found" in connected.ok("ask", "quux xyzzy", "--yes").err
    assert server.asked == []


def test_removing_a_piece_erases_the_prompts_that_quote_it(connected: Cli) -> None:
    ask(connected)
    connected.ok("rm", "parse.py", "--yes")
    with Ledger.open(connected.home) as ledger:
        (entry,) = ledger.entries()
        ledger.verify()
    assert entry.text is None


# -- answers -----------------------------------------------------------------------------------


def test_an_answer_is_streamed_restored_and_its_citations_are_checked(
    connected: Cli, server: LanguageModels
) -> None:
    number = 1 + connected.json("ask", QUESTION, "--show")["prompt"]["pieces"].index(
        connected.json("show", "parse.py")["id"]
    )
    server.say(
        "Use <SEC", "RET_1> as", f" in [{number}] and [", "9].\n", "See https://evil.example/?q=<SECRET_1>"
    )
    done = ask(connected)
    text = done.out.decode()
    assert (
        f"Use {TOKEN} as in [{number}] and [?].\nSee https://evil.example/?q=<SECRET_1>\n\n[{number}] "
        in text
    )
    assert "parse.py" in text
    assert "[?] stands for excerpts that do not exist: 9" in done.err
    assert "<SECRET_1> stays in a link" in done.err
    assert "Notes on headers" not in text
    answer = connected.json("ask", QUESTION, "--yes")
    assert answer["unknown_citations"] == [9]
    assert [one["number"] for one in answer["references"] if one["is_cited"]] == [number]
    assert (answer["model"], answer["is_complete"], answer["finish"]) == ("tiny", True, "stop")


def test_what_a_terminal_obeys_is_shown_as_text(connected: Cli, server: LanguageModels) -> None:
    server.say("a\x1b]8;;http://evil.example\x07", "link\x1b", "[31m \u202eb\r\x9bc", " [1]")
    code, said = connected.talk("ask", QUESTION, "--yes")
    assert code == 0
    assert "a\\x1b]8;;http://evil.example\\x07link\\x1b[31m \\x202eb\\x0d\\x9bc [1]" in said
    assert "\x1b]8" not in said


@pytest.mark.parametrize("fault", ["cut", "reset"])
def test_what_arrived_of_a_cut_answer_is_shown_and_kept(
    connected: Cli, server: LanguageModels, fault: str
) -> None:
    server.say("It is split ", "at the colon ", "[1] of ", "the line.")
    server.fail(FAULTS[fault])
    done = connected.run("ask", QUESTION, "--yes", "--save")
    assert done.code == 6
    assert done.out.decode().startswith("It is split at the colon ")
    assert "the answer is incomplete" in done.err
    kept = connected.json("show", "@last")
    assert "It is split at the colon" in kept["content"]
    assert kept["description"].endswith("It is incomplete.")


@pytest.mark.parametrize("options", [("--save",), ()], ids=["asked to save", "not asked to"])
def test_ctrl_c_keeps_what_has_arrived_if_that_is_asked_for(
    connected: Cli, server: LanguageModels, options: tuple[str, ...]
) -> None:
    server.say("It is split ", "at the colon ", "[1] of ", "the line.")
    server.fail(FAULTS["stalls"])
    before = len(connected.json("list")["pieces"])
    code, err = interrupted(connected, *options)
    assert code == 130
    assert "interrupted" in err
    pieces = connected.json("list")["pieces"]
    if not options:
        assert len(pieces) == before
        return
    assert len(pieces) == before + 1
    assert "saved as @last" in err
    kept = connected.json("show", pieces[0]["id"])
    assert "It is split at the colon" in kept["content"]
    assert kept["description"].endswith("It is incomplete.")


def test_an_answer_that_cannot_be_saved_is_kept_as_a_file(connected: Cli, server: LanguageModels) -> None:
    server.say("It is split ", "at the colon ", "[1] of ", "the line.")
    server.fail(FAULTS["stalls"])

    def fill_the_store() -> None:
        with closing(apsw.Connection(str(connected.home / "store.db"))) as store:
            store.execute(
                "CREATE TRIGGER full BEFORE INSERT ON pieces BEGIN SELECT RAISE(ABORT, 'full'); END"
            )

    code, err = interrupted(connected, "--save", meanwhile=fill_the_store)
    assert code == 5
    (kept,) = connected.home.glob("edit-*-typed.txt")
    assert str(kept) in err
    assert kept.read_text() == "It is split at the colon"
    assert kept.stat().st_mode & 0o077 == 0


def interrupted(cli: Cli, *options: str, meanwhile: Callable[[], None] = lambda: None) -> tuple[int, str]:
    """Ask in a process of its own, press Ctrl-C when two parts have arrived, and return how it ended."""
    process = subprocess.Popen(
        [PROGRAM, "ask", QUESTION, "--yes", *options],
        env={**os.environ, **cli.variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        arrived = b""
        while b"at the colon" not in arrived and (more := os.read(process.stdout.fileno(), 4096)):
            arrived += more
        meanwhile()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    finally:
        process.kill()
        process.wait()
    return process.returncode, err.decode()


def test_errors_of_the_endpoint_are_told_and_a_typed_question_is_kept(
    connected: Cli, server: LanguageModels
) -> None:
    server.fail(refuses("wrong-key"))
    done = connected.run("ask", "--yes", stdin=QUESTION.encode())
    assert done.code == 4
    assert done.err.count("\n") == 2
    (kept,) = connected.home.glob("edit-*-typed.txt")
    assert kept.read_text() == QUESTION
    assert str(kept) in done.err


def test_the_end_at_the_longest_length_is_told(connected: Cli, server: LanguageModels) -> None:
    server.say("It is [1]", finish="length")
    done = ask(connected)
    assert "--answer-tokens" in done.err
    assert connected.json("ask", QUESTION, "--yes")["is_complete"] is False


def test_a_kept_answer_names_who_made_it_from_what(connected: Cli, server: LanguageModels) -> None:
    server.say("At the colon [1].")
    answer = connected.json("ask", QUESTION, "--yes", "--save")
    kept = connected.json("show", answer["saved"])
    (cited,) = (one for one in answer["references"] if one["is_cited"])
    assert kept["title"] == QUESTION
    assert kept["description"] == f"Answered by the model tiny at {server.origin}."
    assert kept["source"]["kind"] == "answer"
    assert kept["source"]["location"] == f"{server.origin} tiny"
    assert kept["links"] == [f"satchel://piece/{cited['id']}"]
    assert kept["content"].startswith(f"# {QUESTION}\n\nAt the colon [1].\n\n- [1] ")
    assert answer["saved"] not in connected.json("ask", QUESTION, "--show")["prompt"]["pieces"]


# -- without an endpoint -----------------------------------------------------------------------


def test_without_an_endpoint_the_best_lines_are_quoted(filled: Cli) -> None:
    done = filled.ok("ask", "how", "did we", "parse the header?")
    text = done.out.decode()
    assert "def parse_header(line):" in text
    assert "A header name is lower case." in text
    assert "[1] " in text.splitlines()[-2]
    assert filled.json("ask", QUESTION)["model"] is None
    assert "nothing would be sent" in filled.ok("ask", QUESTION, "--show").err
    assert not (filled.home / "ledger.db").exists()


def test_references_can_be_opened_by_their_numbers(filled: Cli) -> None:
    first = filled.json("ask", QUESTION)["references"][0]["title"]
    filled.ok("ask", QUESTION)
    assert filled.json("show", "@1")["title"] == first


def test_nothing_found_is_said_and_nothing_is_made_up(filled: Cli) -> None:
    done = filled.ok("ask", "quux xyzzy")
    assert done.out == b""
    assert "nothing found" in done.err
    assert filled.json("ask", "quux xyzzy")["answer"] is None


@pytest.mark.parametrize("words", [[], [""], ["  "], ["x" * 20_001]])
def test_a_question_that_is_none_is_refused(filled: Cli, words: list[str]) -> None:
    assert filled.run("ask", *words).code == 2


def test_wrong_options_are_told(filled: Cli) -> None:
    for options in (["--replace", "secrets"], ["--budget", "10"], ["--show", "--local"]):
        assert filled.run("ask", QUESTION, *options).code == 2


# -- memory ------------------------------------------------------------------------------------


def test_the_memory_is_quoted_beside_pieces_unless_it_is_left_out(
    connected: Cli, server: LanguageModels
) -> None:
    with MemoryStore.create(connected.home) as memory:
        at_ms = time.time_ns() // 1_000_000 - 3_600_000
        for number, text in enumerate(("pytest tests/test_header.py", "git commit -m 'Fold header lines'")):
            memory.add(
                [Event("shell", at_ms + number * 1_000, text, "/home/ann/x", "/home/ann/x", "s", exit_code=0)]
            )
    answer = connected.json("ask", "what did I try against the header test in the last two hours?", "--yes")
    assert "episode" in [one["source"] for one in answer["references"]]
    sent = json.loads(server.prompts[0].body)["messages"][1]["content"]
    assert "pytest tests/test_header.py" in sent
    assert "/home/ann" not in sent
    assert (
        "memory  "
        in connected.ok(
            "ask", "what did I try against the header test in the last two hours?", "--local"
        ).out.decode()
    )
    for option in (["--no-memory"], ["--tag", "ci"]):
        only = connected.json("ask", "header test", "--yes", *option)
        assert "episode" not in [one["source"] for one in only["references"]]


def test_what_is_forgotten_is_erased_from_the_prompts_that_quote_it(
    connected: Cli, server: LanguageModels
) -> None:
    with MemoryStore.create(connected.home) as memory:
        at_ms = time.time_ns() // 1_000_000 - 3_600_000
        texts = ("pytest tests/test_header.py -k marmalade", "git commit -m 'Fold header lines'")
        for number, text in enumerate(texts):
            memory.add(
                [Event("shell", at_ms + number * 1_000, text, "/home/ann/x", "/home/ann/x", "s", exit_code=0)]
            )
    for option in ([], ["--no-memory"]):
        connected.json(
            "ask", "what did I try against the header test in the last two hours?", "--yes", *option
        )
    assert "marmalade" in server.prompts[0].body.decode()
    quoting, other = (entry["number"] for entry in connected.json("ledger", "--kind", "prompt")["entries"])
    assert "marmalade" in connected.json("ledger", "show", quoting)["text"]
    connected.ok("memory", "forget", "--matching", "Fold header", "--yes")
    assert connected.json("ledger", "show", quoting)["text"] is None
    assert connected.json("ledger", "show", other)["text"], "it quotes no episode"
    connected.ok("ledger", "verify")
    assert all(b"Fold header" not in path.read_bytes() for path in connected.home.glob("ledger.db*"))


def test_episodes_have_the_day_of_their_own_offset(filled: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the year has another offset than the present, whenever this runs."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        with MemoryStore.create(filled.home) as memory:
            for at in (
                dt.datetime(2025, 1, 10, 22, 30, tzinfo=dt.UTC),
                dt.datetime(2025, 7, 10, 22, 30, tzinfo=dt.UTC),
            ):
                at_ms = int(at.timestamp() * 1000)
                memory.add(
                    [
                        Event(
                            "shell",
                            at_ms,
                            "pytest tests/test_header.py",
                            "/home/ann/x",
                            "/home/ann/x",
                            "s",
                            exit_code=0,
                        )
                    ]
                )
        answer = filled.json("ask", "what did I try against the header test?", "--local")
    finally:
        monkeypatch.undo()
        time.tzset()
    titles = " ".join(one["title"] for one in answer["references"] if one["source"] == "episode")
    assert "(2025-01-10)" in titles
    assert "(2025-07-11)" in titles
