"""docs/guides/backups.md: the examples print the output shown, on a device that is connected to a real cloud."""

import re
from pathlib import Path

from tests.docs.test_commands_guide import examples, pattern_of, run_in_one_shell
from tests.support.service import ServiceProcess

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "backups.md"


def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE.read_text())
    assert len(shown) > 8
    with ServiceProcess(tmp_path / "cloud") as service:
        setup = [
            "satchel init --quiet",
            f"CLOUD={service.url}",
            f"satchel connect {service.url} --pair {service.pairing_code} --quiet",
        ]
        printed = run_in_one_shell([*setup, *(line for line, _ in shown)], tmp_path)[len(setup) :]
    wrong = [
        f"$ {line}\nprints   {output!r}\nexpected {expected!r}"
        for (line, expected), output in zip(shown, printed, strict=True)
        if not re.fullmatch(pattern_of(expected), output)
    ]
    assert not wrong, "\n\n".join(wrong)
