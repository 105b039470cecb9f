"""`python -m models.evaluation [--only ROW …] [--keep]`: measure every model on code that nobody here wrote.

The packages of `sources.toml` are fetched once into build/evaluation and checked by hash. Each set is drawn from
them without chance, so that it has the same items on every machine; `frozen.json` holds the hash of each one. A row
runs one model over one set, beside a peer, and prints what it reached with a 95% interval:

    packages = Packages.fetched()
    items = windows(packages)                     # a set: the same items in the same order
    rows = language_rows(items)                   # figures of the model and its peers
"""
