"""docs/guides/ask.md: the examples print the output shown, with a server of language models as the endpoint."""

import re
from pathlib import Path

from tests.support.guide_examples import differences, examples
from tests.support.language_models import LanguageModels

from satchel.endpoints.address import WELL_KNOWN
from satchel.prompts import KINDS

PAGE = (Path(__file__).resolve().parents[2] / "docs/guides/ask.md").read_text()


def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE)
    assert len(shown) >= 12
    with LanguageModels("ollama") as server:
        server.say("At the colon, ", "with <TOKEN> [1].")
        wrong = differences(shown, tmp_path, ["satchel init --quiet", f"ENDPOINT={server.url}"])
        assert len(server.asked) == 1
    assert not wrong, "\n\n".join(wrong)


def test_every_kind_of_replaced_value_and_every_well_known_endpoint_is_explained() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| [^|]+ \| `<", PAGE, re.MULTILINE)) == set(KINDS)
    assert set(re.findall(r"endpoint set ([a-z.-]+) ", PAGE)) == set(WELL_KNOWN)
