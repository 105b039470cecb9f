"""The archive format (docs/spec/archive.md): zip, block map, manifest, summary, padding, and the plan of a backup.

The modules do no I/O of their own; `satchel.backup` holds the operations. The package itself imports nothing.
"""
