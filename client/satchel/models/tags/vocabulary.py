"""The tags that the owner uses already come first, and in the owner's spelling.

    in_owners_words({"kubernetes": 4.0, "http": 4.0}, ["k8s"], 1.25)  # {"k8s": 5.0, "http": 4.0}

They are read from the store for each run and kept nowhere: nothing is learned from them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from satchel.models.tags.ontology import load


def in_owners_words(scores: Mapping[str, float], vocabulary: Sequence[str], times: float) -> dict[str, float]:
    """Return scores, those of tags that the owner uses `times` higher and in the owner's spelling: k8s for kubernetes."""
    if not vocabulary:
        return dict(scores)
    used, known = set(vocabulary), load()
    found: dict[str, float] = defaultdict(float)
    for tag, score in scores.items():
        others = (
            known[tag].words if tag in known else (tag.replace("-", ""), tag + "s", tag.removesuffix("s"))
        )
        said = tag if tag in used else next((one for one in others if one in used), tag)
        found[said] = max(found[said], score * (times if said in used else 1.0))
    return dict(found)
