"""Merging stores by the ids of their revisions.

    with Store.open(home) as store:
        print(plan_merge(store, backup))  # what a merge would do
        result = merge(store, backup)
        for conflict in result.conflicts: ...

docs/spec/store.md, section 7, specifies what a merge does. The other store is untrusted, and is never changed.
"""

from satchel.merging.merge import merge, plan_merge
from satchel.merging.results import Conflict, ConflictSide, MergeResult

__all__ = [
    "Conflict",
    "ConflictSide",
    "MergeResult",
    "merge",
    "plan_merge",
]
