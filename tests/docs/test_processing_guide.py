"""docs/guides/processing.md: the examples print the output shown, with a server in place of Ollama."""

import re
from pathlib import Path

import msgspec
from tests.support.guide_examples import differences, examples
from tests.support.language_models import LanguageModels

from satchel.endpoints.answers import MAX_ANSWER_CHARS
from satchel.endpoints.chat import ANSWER_BYTES, PATIENT
from satchel.endpoints.endpoint import _Document as EndpointDocument
from satchel.endpoints.event_stream import EVENT_LINES, EVENTS, LINE_BYTES
from satchel.processing.asking import SUGGESTING_S, WHILE_SAVING_S
from satchel.processing.blendable import BLENDABLE, BUDGET_TOKENS
from satchel.processing.choices import FORMAT

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "guides/processing.md").read_text()
REFERENCE = (DOCS / "reference/processing.md").read_text()
PLACE = "localhost:11434"
MODEL = "qwen2.5-coder:7b"


def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    with LanguageModels("ollama", models=[MODEL]) as server:
        server.answers = ["ready", "Split a header line"]
        page = GUIDE.replace(PLACE, server.origin.partition("://")[2])
        wrong = differences(examples(page), tmp_path, ["satchel init --quiet"])
    assert not wrong, "\n\n".join(wrong)
    assert len(server.prompts) == 2


def test_the_reference_has_the_fields_and_the_limits() -> None:
    named = re.findall(r"^\| `(\w+)` \| (`\S+`)? ?\|", REFERENCE, re.MULTILINE)
    fields = msgspec.structs.fields(EndpointDocument)
    assert [(name, bool(default)) for name, default in named] == [
        (field.name, not field.required) for field in fields
    ]
    assert re.findall(r"^\| `(\w+)` \| \w+ \| [a-z]", REFERENCE, re.MULTILINE)[-3:] == list(BLENDABLE)
    assert f'"{FORMAT}"' in REFERENCE
    for limit in (
        f"{BUDGET_TOKENS:,} tokens", f"at most {WHILE_SAVING_S:.0f} seconds", f"up to {SUGGESTING_S:.0f} seconds",
        f"{ANSWER_BYTES >> 20} MiB", f"{EVENTS:,} events", f"{MAX_ANSWER_CHARS:,} characters", f"{LINE_BYTES >> 10} KiB",
        f"{EVENT_LINES} lines", f"wait {PATIENT.wait_s:.0f} seconds", f"{PATIENT.longest_s / 60:.0f} minutes",
    ):  # fmt: skip
        assert limit in REFERENCE, limit
