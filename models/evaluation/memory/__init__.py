"""The evaluation of the memory: months of made-up work, questions whose answers are known, and what is measured.

    months = built("dev", packages)                    # diaries with their questions
    figures = memory_figures(months)                   # beside full-text search, grep, and a gap of 30 minutes

`python -m models.evaluation.memory` measures the development split, and `--misses` shows what was not found. The
evaluation proper has other packages, other troubles, other phrases and other seeds; its misses are shown to nobody.
"""
