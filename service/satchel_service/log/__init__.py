"""The log that makes the micro-database durable without a persistent disk: docs/spec/log.md.

The rules do no I/O of their own: `reader`, `writer`, `history`, `retention` and the probe in `store` await only a
`LogStore`, so the simulator in tests/property/log runs the same code as the service. Around them:

- `directory_store` and `threaded_store` implement the store, on a directory or a bucket;
- `replica` builds the local SQLite file;
- `journal` connects the log to the database's commits;
- `startup` offers the two entry points: `open_journal` and `recover`.
"""
