"""Days of work, written by hand: events with times of a day, and the number of the episode that each belongs to."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from satchel.memory.model import SOURCES, Event

DAY: Final = dt.datetime(2026, 11, 16, tzinfo=dt.UTC)  # a Monday
HOME: Final = "/home/ann"


@dataclass(frozen=True)
class Step:
    """One event and its episode; 0 if it tells nothing and may be in none."""

    event: Event
    episode: int


def at_ms(clock: str, day: int = 0) -> int:
    hours, minutes = clock.split(":")
    moment = DAY + dt.timedelta(days=day, hours=int(hours), minutes=int(minutes))
    return round(moment.timestamp() * 1000)


def parse(table: str, day: int = 0) -> list[Step]:
    """Read lines such as `1 | 09:05 | a | parser | 1 | pytest tests/test_lexer.py`.

    The columns are the episode, the time, the session (or a source), the directory below ~/work (a repository, unless
    it begins with ~), the exit code, and the command or text. In texts, `\\n` is a line break.
    """
    found = []
    for number, line in enumerate(table.strip().splitlines(), 1):
        episode, clock, session, place, code, text = (part.strip() for part in line.split("|", 5))
        source = session if session in SOURCES else "shell"
        repository = "" if place.startswith("~") else f"{HOME}/work/{place.split('/')[0]}"
        files = text.partition(" :: ")[2].replace(" ", "\n")
        found.append(
            Step(
                Event(
                    source,
                    at_ms(clock, day) + number * 100,
                    text.partition(" :: ")[0],
                    place=place.replace("~", HOME) if place.startswith("~") else f"{HOME}/work/{place}",
                    repository=repository,
                    session=f"{session}-{day}"
                    if source == "shell"
                    else "claude"
                    if source == "agents"
                    else "",
                    host="laptop",
                    exit_code=int(code) if code else None,
                    detail={"files": files, "commit": f"{number:040x}"} if source == "git" else {},
                    id=day * 1000 + number,
                ),
                int(episode),
            )
        )
    return found


def events_of(steps: Sequence[Step]) -> list[Event]:
    return [step.event for step in steps]


def borders_of(steps: Sequence[Step]) -> dict[int, set[int]]:
    """Return the ids of the events of each episode."""
    found: dict[int, set[int]] = {}
    for step in steps:
        if step.episode:
            found.setdefault(step.episode, set()).add(step.event.id)
    return found


# A flaky test is chased in one terminal; a second one runs the server of the same work. Then another repository.
MONDAY: Final = """
1 | 09:02 | a | ~/ |  | cd work/parser
1 | 09:02 | a | parser | 0 | git status
1 | 09:03 | a | parser | 0 | git pull
1 | 09:05 | a | parser | 0 | vim src/lexer.py
1 | 09:11 | a | parser | 1 | pytest tests/test_lexer.py -k flaky
1 | 09:12 | b | parser | 0 | python -m http.server 8000
1 | 09:15 | a | parser | 1 | pytest tests/test_lexer.py -k flaky -x
1 | 09:24 | a | parser | 0 | vim src/lexer.py tests/test_lexer.py
1 | 09:31 | a | parser | 0 | pytest tests/test_lexer.py -k flaky --count 50
1 | 09:33 | a | parser | 0 | git commit -am "Make the lexer test independent of the order of sets"
1 | 09:33 | git | parser |  | Make the lexer test independent of the order of sets :: src/lexer.py tests/test_lexer.py
1 | 09:34 | a | parser | 0 | git push
2 | 09:40 | a | ~/ | 0 | cd work/shop
2 | 09:41 | a | shop | 0 | git switch -c invoice-rounding
2 | 09:44 | a | shop | 0 | vim app/invoice.rb
2 | 09:52 | a | shop | 1 | bundle exec rspec spec/invoice_spec.rb
2 | 09:58 | a | shop | 0 | bundle exec rspec spec/invoice_spec.rb
2 | 10:01 | a | shop | 0 | git commit -am "Round invoice totals to cents"
2 | 10:01 | git | shop |  | Round invoice totals to cents :: app/invoice.rb spec/invoice_spec.rb
3 | 11:20 | a | shop | 0 | git switch main
3 | 11:21 | a | shop | 0 | docker compose build worker
3 | 11:29 | a | shop | 1 | docker compose up worker
3 | 11:37 | a | shop | 0 | vim docker/worker.Dockerfile
3 | 11:40 | a | shop | 0 | docker compose build worker
3 | 11:44 | a | shop | 0 | docker compose up worker
"""
# Two repositories in two terminals at the same time.
TUESDAY: Final = """
1 | 10:00 | a | parser | 0 | vim docs/grammar.md
2 | 10:01 | b | shop | 0 | kubectl get pods -n staging
1 | 10:04 | a | parser | 0 | make docs
2 | 10:05 | b | shop | 1 | kubectl apply -f deploy/payments.yaml
1 | 10:09 | a | parser | 0 | vim docs/grammar.md
2 | 10:10 | b | shop | 0 | vim deploy/payments.yaml
2 | 10:12 | b | shop | 0 | kubectl apply -f deploy/payments.yaml
1 | 10:13 | a | parser | 0 | make docs
1 | 10:15 | git | parser |  | Describe the grammar of numbers :: docs/grammar.md
2 | 10:16 | b | shop | 0 | kubectl rollout status deployment/payments -n staging
"""
# One repository, two topics without a pause; a visit to another directory; then only looking around.
WEDNESDAY: Final = """
1 | 14:00 | a | parser | 0 | git checkout -b issue-42-unicode-escapes
1 | 14:03 | a | parser | 0 | vim src/escapes.py
1 | 14:09 | a | parser | 1 | pytest tests/test_escapes.py
1 | 14:11 | a | ~/ | 0 | python3 -c "print(chr(0x1f600))"
1 | 14:12 | a | parser | 0 | vim src/escapes.py
1 | 14:16 | a | parser | 0 | pytest tests/test_escapes.py
1 | 14:17 | a | parser | 0 | git commit -am "Decode surrogate pairs in escapes (#42)"
1 | 14:17 | git | parser |  | Decode surrogate pairs in escapes (#42) :: src/escapes.py tests/test_escapes.py
1 | 14:18 | a | parser | 0 | git push -u origin issue-42-unicode-escapes
2 | 14:20 | a | parser | 0 | git checkout main
2 | 14:20 | a | parser | 0 | git checkout -b issue-57-benchmark-table
2 | 14:25 | a | parser | 0 | vim bench/table.py
2 | 14:30 | a | parser | 0 | python bench/table.py --rows 1000
2 | 14:41 | a | parser | 0 | git commit -am "Print the benchmark as a table (#57)"
2 | 14:41 | git | parser |  | Print the benchmark as a table (#57) :: bench/table.py
0 | 20:00 | a | ~/ | 0 | ls -la
0 | 20:01 | a | ~/ | 0 | df -h
"""
# What an agent noted belongs to the work around it.
THURSDAY: Final = """
1 | 16:00 | a | parser | 0 | cargo build --release
1 | 16:02 | agents | parser |  | The release build needs LTO off for the wasm target
1 | 16:05 | a | parser | 0 | cargo build --release --target wasm32-wasi
"""
DAYS: Final = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY)


def all_days() -> list[Step]:
    return [step for day, table in enumerate(DAYS) for step in parse(table, day)]
