"""What is worth keeping: complete snippets score higher than windows cut out of a file."""

from hashlib import sha256

from satchel.models.parsing import outline_of
from satchel.models.registry import WEIGHTS
from satchel.models.saving import FEATURES, features_of, worth_of

SNIPPET = "import httpx\n\nresponse = httpx.get('https://example.org')\nprint(response.status_code)\n"
CUT_OUT = "            return None\n        self._items.append(item)\n\n    def pop(self, index,\n"


def test_a_snippet_scores_higher_than_a_cut_out_window() -> None:
    assert worth_of(SNIPPET, "python") > 0.8
    assert worth_of(CUT_OUT, "python") < 0.2
    assert worth_of("\n \n", "python") == 0


def test_every_feature_is_a_share() -> None:
    for text in (SNIPPET, CUT_OUT, "}" * 500, "a" * 9_000, "x"):
        found = features_of(text, "python", outline_of(text, "python"))
        assert len(found) == len(FEATURES)
        assert all(0 <= value <= 1 for value in found)


def test_the_weights_are_those_of_the_sums() -> None:
    digest = sha256((WEIGHTS / "saving.json").read_bytes()).hexdigest()
    assert f"{digest}  saving.json" in (WEIGHTS / "SHA256SUMS").read_text().splitlines()
