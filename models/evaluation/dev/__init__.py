"""Development sets, for those who build the models: made of packages and repositories that the evaluation never uses.

Nothing of them is committed. `sources.py` names and fetches them.
"""
