"""Training of satchel's own models, on generators alone: deterministic, with numpy, some minutes on two cores.

`python -m models.training` writes client/satchel/models/weights.
"""
