"""The evaluation of the memory: months of made-up work, questions whose answers are known, and what is measured.

    months = built("dev")                              # diaries with their questions
    own, peers = all_answers(months, filled)           # of the memory, of full-text search, and of grep
    border_figures(months, formed, "development")      # beside a gap of 30 minutes

`python -m models.evaluation.memory` measures the development split, and `--misses` shows what was not found. The
evaluation proper has other packages, troubles, phrases and seeds, and its misses are never shown.
"""
