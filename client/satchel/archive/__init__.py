"""The archive format (docs/spec/archive.md): zip, block map, manifest, padding, and the plan of a backup.

Everything here is pure apart from reading and writing the bytes it is handed; the operations that use it
live in `satchel.backup`. Import the rooms by name: this package imports nothing by itself.
"""
