"""Oracles: generators of synthetic snippets and prose whose class is known, since we made them.

    lines = Snippets("python").snippet(Random(7))      # a window of a made-up Python file
    text = prose.document(Random(7))                   # a mail, a log, a README, a list, ...

All languages take their identifiers and comments from one vocabulary, so a model that is trained on them learns a
language's own words and signs, and no topics. No line was taken from anyone's code.
"""
