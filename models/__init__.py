"""Where satchel's own models come from: generators of training data (`oracles`), and what trains on them (`training`).

Nothing here ships in the wheel. `make models` writes client/satchel/models/weights anew; the same sources give the
same bytes.
"""
