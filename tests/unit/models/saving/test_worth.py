"""What is worth keeping: complete snippets score higher than windows cut out of a file."""

import time
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from models.oracles.kept import example, window_of_file
from satchel.errors import IntegrityError
from satchel.models.interface import Subject
from satchel.models.parsing import Outline, language_of, outline_of
from satchel.models.registry import WEIGHTS
from satchel.models.saving import FEATURES, features_of, worth, worth_of

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


def test_changed_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = (WEIGHTS / "saving.json").read_text().replace('"bias": ', '"bias": 1')
    (tmp_path / "saving.json").write_text(changed)
    monkeypatch.setattr(worth, "WEIGHTS", tmp_path)
    worth.released_weights.cache_clear()
    with pytest.raises(IntegrityError, match=r"saving\.json"):
        worth_of(SNIPPET, "python")
    monkeypatch.undo()
    assert worth_of(SNIPPET, "python") > 0.8


@pytest.mark.parametrize(
    "text",
    [
        "$ pip install acme\n$ acme serve --port 8080\n",
        '{\n  "name": "demo",\n  "version": "1.0.0"\n}\n',
        "const app = express()\n\napp.get('/', (req, res) => {\n  res.send('Hello World!')\n})\n\napp.listen(3000)\n",
    ],
)
def test_commands_configuration_and_usage_are_worth_keeping(text: str) -> None:
    assert worth_of(text, language_of(Subject(text))) > 0.7


@pytest.mark.parametrize(
    "text",
    [
        " * @param name the name\n * @return the value\n */\n    public String value(String name) {\n        return map.get(name);\n",
        "  }\n  return this._items;\n}\n\nexport function size(list) {\n  return list.length\n",
        'from .core import run\n\n\nclass _Worker:\n    def __init__(self, queue):\n        """Start.\n',
    ],
)
def test_parts_cut_out_of_a_program_are_not(text: str) -> None:
    assert worth_of(text, language_of(Subject(text))) < 0.3


def test_hostile_texts_take_bounded_time() -> None:
    for text in (
        "a (" * 5_000,
        "'" * 16_000,
        "a a" * 8_000 + "(",
        "/*" * 8_000,
        "{[(" * 5_000,
        "\t" * 16_000 + "x",
    ):
        started = time.process_time()
        worth_of(text, "python", Outline("python"))
        assert time.process_time() - started < 2


def test_the_oracles_of_training_differ_in_worth() -> None:
    random = Random(99)
    kept = [worth_of(*example(random)) for _ in range(60)]
    windows = [worth_of(*window_of_file(random)) for _ in range(60)]
    assert sum(kept) / 60 > sum(windows) / 60 + 0.3
