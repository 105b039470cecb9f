"""The tables of events and control of memory.db, version 1; `episode_schema` has the rest. Docs: docs/spec/memory.md.

Texts and names are stored once, however many events have them: a history of a million commands has far fewer
different ones. A text that no event has any more is deleted with the last of them.
"""

from typing import Final

MEMORY_FILE: Final = "memory.db"
# "stcm", at offset 68 of the file.
APPLICATION_ID: Final = 0x7374636D
FORMAT: Final = 1

EVENTS: Final = (
    # places, repositories, sessions and hosts
    "CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    # `hash` finds a text; `used_ms` is when the shell last ran it, NULL if it never did
    "CREATE TABLE texts(id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, text TEXT NOT NULL, used_ms INTEGER) STRICT",
    "CREATE INDEX texts_by_hash ON texts(hash)",
    "CREATE INDEX texts_by_use ON texts(used_ms) WHERE used_ms IS NOT NULL",
    # an id is never used again: episodes name events by it
    """CREATE TABLE events(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        source TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        text INTEGER NOT NULL REFERENCES texts(id),
        place INTEGER NOT NULL REFERENCES names(id),
        repository INTEGER NOT NULL REFERENCES names(id),
        session INTEGER NOT NULL REFERENCES names(id),
        host INTEGER NOT NULL REFERENCES names(id),
        duration_ms INTEGER NOT NULL,
        exit_code INTEGER,
        detail TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX events_by_time ON events(at_ms)",
    "CREATE INDEX events_by_text ON events(text, at_ms)",
    "CREATE INDEX events_by_place ON events(place, at_ms)",
    "CREATE INDEX events_by_session ON events(session, at_ms)",
    "CREATE INDEX events_failed ON events(exit_code, at_ms) WHERE exit_code <> 0",
)
CONTROL: Final = (
    "CREATE TABLE sources(name TEXT PRIMARY KEY, since_ms INTEGER NOT NULL) STRICT",
    # the repositories and folders of the sources "git" and "files"; `position` tells what was read of them
    """CREATE TABLE watched(
        source TEXT NOT NULL, path TEXT NOT NULL, position TEXT NOT NULL, PRIMARY KEY(source, path)
    ) STRICT""",
    # the files of watched folders as they were read; `stamp` changes with their content
    """CREATE TABLE seen(
        folder TEXT NOT NULL, path TEXT NOT NULL, stamp TEXT NOT NULL, PRIMARY KEY(folder, path)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE exclusions(pattern TEXT PRIMARY KEY) STRICT",
    "CREATE TABLE state(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
)
TABLES: Final = (*EVENTS, *CONTROL)
