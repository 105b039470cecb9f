"""The tables of episodes, summaries, and their words and vectors in memory.db. Docs: docs/spec/memory.md.

They are apart from those of events, so that adding an event does not import the index.
"""

from typing import Final

from satchel.index.vectors import TABLES as VECTORS

EPISODES: Final = (
    # an id is never used again: lists of an earlier answer name episodes by it
    """CREATE TABLE episodes(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        start_ms INTEGER NOT NULL,
        end_ms INTEGER NOT NULL,
        repository TEXT NOT NULL,
        host TEXT NOT NULL,
        weight REAL NOT NULL,
        title TEXT NOT NULL,
        outcome TEXT NOT NULL,
        content TEXT NOT NULL,
        events TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX episodes_by_start ON episodes(start_ms)",
    "CREATE INDEX episodes_by_repository ON episodes(repository, start_ms)",
    "CREATE INDEX episodes_by_host ON episodes(host)",
    # words as `satchel.index.words` splits them
    "CREATE VIRTUAL TABLE episode_words USING fts5(title, commands, body, tokenize='ascii')",
    # deleted words leave nothing behind
    "INSERT INTO episode_words(episode_words, rank) VALUES('secure-delete', 1)",
    """CREATE TABLE summaries(
        kind TEXT NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY(kind, start_ms)
    ) STRICT, WITHOUT ROWID""",
    # spans of events that were added or erased since their episodes were formed
    "CREATE TABLE unformed(start_ms INTEGER PRIMARY KEY, end_ms INTEGER NOT NULL) STRICT",
    # episodes without a vector; `taken_ms` is when a process began to make one
    "CREATE TABLE unembedded(id INTEGER PRIMARY KEY, taken_ms INTEGER NOT NULL DEFAULT 0) STRICT",
    *VECTORS,
)
