"""In from elsewhere, out to anywhere: importers of what other tools keep, and satchel's plain export.

An importer yields items (`items`) and touches nothing; `importing` puts them into a store. What comes
in may be damaged or made to hurt: a bad item is a `Problem`, the rest goes on (`reading`, `documents`
and `ziptable` are the guards). `exporting` writes what `satchel_export` reads back.
"""
