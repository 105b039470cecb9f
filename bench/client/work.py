"""The memory of work with 1,000,000 events: adding, forming episodes, and recalling.

The events are years of made-up work, from the packages of the evaluation's development split. The product forms the
episodes. 300 of them get real vectors, and the others vectors between two of these, because a real one takes tens of
milliseconds. The questions are about the last year, by the evaluation's grammar.

Every measurement runs in a process of its own, which opens the memory and asks all questions. The peers answer the same
questions in the same round.
"""

import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from bench.client.meaning import between
from bench.measure import cost, p95
from models.evaluation.memory.months import people
from models.evaluation.memory.product import event
from models.evaluation.memory.questions import asked, read_phrases
from models.oracles.memory.diary import Diary, work
from satchel.index import vectors
from satchel.memory.database import MemoryStore
from satchel.memory.episode_tables import episodes_with
from satchel.memory.forming import form_new
from satchel.memory.model import Event
from satchel.memory.recall.embedding import views_of
from satchel.models.embedding import open_encoder

EVENTS: Final = int(os.environ.get("BENCH_WORK_EVENTS", "1000000"))
YEAR: Final = 364
FIRST: Final = date(1999, 1, 4)
QUESTIONS: Final = 100
EMBEDDED: Final = 300
ADDED: Final = 200
SEED: Final = 13

Row = dict[str, str]

_RECALLING: Final = """
import json, re, sys, time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from satchel.memory.database import MemoryStore
from satchel.memory.recall import recall
home, zone, with_model = Path(sys.argv[1]), ZoneInfo(sys.argv[2]), sys.argv[3] == "model"
encoder = None
if with_model:
    from satchel.models.embedding import open_encoder
    encoder = open_encoder()
taken = []
with MemoryStore.open(home) as memory:
    for text, now_ms in json.load(open(sys.argv[-1])):
        now = datetime.fromtimestamp(now_ms / 1000, zone)
        began = time.perf_counter()
        recall(memory, text, now, encoder=encoder)
        taken.append((time.perf_counter() - began) * 1000)
print(json.dumps([taken, int(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1])]))
"""
_FULL_TEXT: Final = """
import json, re, sqlite3, sys, time
taken = []
with sqlite3.connect(sys.argv[1]) as database:
    for text, _ in json.load(open(sys.argv[-1])):
        match = " OR ".join(f'"{word}"' for word in re.findall(r"\\w+", text))
        began = time.perf_counter()
        database.execute("SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT 5", (match,)).fetchall()
        taken.append((time.perf_counter() - began) * 1000)
print(json.dumps([taken, int(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1])]))
"""


def run(rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="satchel-bench-") as name:
        home = Path(name, "home")
        built, last = _built(home)
        peer = _peer(home, Path(name, "raw.db"))
        questions = Path(name, "questions.json")
        questions.write_text(_questions(last), "utf-8")
        recalled = _recall_rows(home, peer, last.person.zone, questions, rounds)
        return [*recalled, *_adding_rows(home, rounds), *built]


def _years() -> Iterator[Diary]:
    """Yield years of work with enough events."""
    person, count = people("dev")[0], 0
    for number in range(10_000):
        first = FIRST + timedelta(days=YEAR * number)
        diary = work(replace(person, first=first, days=YEAR), SEED + number)
        yield diary
        count += len(diary.events)
        if count >= EVENTS:
            return


def _built(home: Path) -> tuple[list[Row], Diary]:
    """Make the memory, and return what it cost and the last year."""
    taken_s, count, diary = 0.0, 0, None
    with MemoryStore.create(home) as memory:
        for diary in _years():
            events = [event(one, 0) for one in diary.events][: EVENTS - count]
            began = time.perf_counter()
            memory.add(events)
            taken_s += time.perf_counter() - began
            count += len(events)
        if diary is None:
            raise RuntimeError("no work was made")
        began = time.perf_counter()
        form_new(memory, ZoneInfo(diary.person.zone), budget_s=None)
        formed_s = time.perf_counter() - began
        episodes = _embed(memory)
    rows = [
        {"what": "events", "satchel": f"{count:,}"},
        {"what": "episodes", "satchel": f"{episodes:,}"},
        {"what": "added in one call, events a second", "satchel": f"{count / taken_s:,.0f}"},
        {"what": "formed, events a second", "satchel": f"{count / formed_s:,.0f}"},
        {
            "what": "bytes an event, with its episode",
            "satchel": f"{(home / 'memory.db').stat().st_size / count:,.0f}",
        },
    ]
    return rows, diary


def _embed(memory: MemoryStore) -> int:
    """Give some episodes real vectors and the others vectors between two of these. Return how many episodes there are."""
    keys = [int(row[0]) for row in memory.connection.execute("SELECT id FROM episodes ORDER BY id DESC")]
    encoder, chooser = open_encoder(), np.random.default_rng(SEED)
    episodes = episodes_with(memory.connection, keys[:EMBEDDED]).values()
    real = np.frombuffer(b"".join(encoder.rounded_sum(views_of(one)) for one in episodes), np.int8)
    found = real.reshape(-1, vectors.DIMENSIONS).astype(np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    with memory.writing():
        memory.connection.execute("DELETE FROM unembedded")
        for start in range(0, len(keys), 4096):
            some = keys[start : start + 4096]
            for key, vector in zip(some, between(found, len(some), chooser), strict=True):
                vectors.put(memory.connection, key, vector.tobytes())
    return len(keys)


def _peer(home: Path, path: Path) -> Path:
    """Write the texts of all events into a full-text index."""
    with MemoryStore.open(home) as memory, sqlite3.connect(path) as database:
        database.execute("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='porter unicode61')")
        texts = ((f"{one.text}\n{one.place}",) for one in memory.events())
        database.executemany("INSERT INTO texts(text) VALUES (?)", texts)
    return path


def _questions(diary: Diary) -> str:
    found = asked(diary, read_phrases("dev"), SEED)
    step = max(1, len(found) // QUESTIONS)
    return json.dumps([(one.text, one.now_ms) for one in found[::step]][:QUESTIONS])


def _recall_rows(home: Path, peer: Path, zone: str, questions: Path, rounds: int) -> list[Row]:
    commands = {
        "satchel": [sys.executable, "-c", _RECALLING, str(home), zone, "model", str(questions)],
        "satchel, without the model": [
            sys.executable,
            "-c",
            _RECALLING,
            str(home),
            zone,
            "words",
            str(questions),
        ],
        "FTS5 over raw events": [sys.executable, "-c", _FULL_TEXT, str(peer), str(questions)],
    }
    times: dict[str, list[list[float]]] = {name: [] for name in commands}
    peaks: dict[str, float] = dict.fromkeys(commands, 0.0)
    for _ in range(rounds):
        for name, command in commands.items():
            taken, peak_kib = json.loads(cost(command).output)
            times[name].append(taken)
            peaks[name] = max(peaks[name], peak_kib / 1024)
    medians = {
        name: [statistics.median(each) for each in zip(*found, strict=True)] for name, found in times.items()
    }
    return [
        {
            "what": "recall: median, ms",
            **{name: f"{statistics.median(each):.0f}" for name, each in medians.items()},
        },
        {"what": "recall: p95, ms", **{name: f"{p95(each):.0f}" for name, each in medians.items()}},
        {
            "what": "recall: peak resident memory, MiB",
            **{name: f"{peak:.0f}" for name, peak in peaks.items()},
        },
    ]


def _adding_rows(home: Path, rounds: int) -> list[Row]:
    """Add one event after the other, each with opening and closing the memory, as a shell's hook does."""
    taken: list[float] = []
    for number in range(ADDED * rounds):
        one = Event(
            "shell", 2_000_000_000_000 + number, f"make check-{number}", place="/home/ada", exit_code=0
        )
        began = time.perf_counter()
        with MemoryStore.open(home) as memory:
            memory.add([one])
            memory.leave_log()
        taken.append((time.perf_counter() - began) * 1000)
    return [
        {"what": "open, add one event, close: median, ms", "satchel": f"{statistics.median(taken):.2f}"},
        {"what": "open, add one event, close: p95, ms", "satchel": f"{p95(taken):.2f}"},
    ]
