"""Importers for other tools' formats, and satchel's own export.

An importer yields items (`items`) and writes nothing; `importing` adds them to a store. Input may be
damaged or malicious: a bad item becomes a `Problem` and the others are still imported. `reading` and
`ziptable` bound what is read. `detection` finds the format of a source and its importer.

**Adding a format.** Write a package with a function from a path to an iterator of items (`vscode` is the
smallest example), and add it to `detection`.
"""
