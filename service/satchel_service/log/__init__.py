"""The log that makes the micro-database durable without a disk: docs/spec/log.md.

The rules are pure: `opening`, `writing`, `keeping`, `recovering` and `probing` await a `LogStore` and nothing else,
so that the simulator of tests/property/log drives the very code that the service runs. Around them are the store
(`threaded` over a bucket or a `directory`), the local file (`replica`), the seam of the database (`journal`), and
the two ways in that the service uses: `running.open_journal` and `running.recover`.
"""
