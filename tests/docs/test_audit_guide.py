"""docs/guides/audit.md: the examples print the output shown, on a device that is connected to a real cloud."""

import re
from pathlib import Path

from tests.docs.test_commands_guide import examples, pattern_of, run_in_one_shell
from tests.support.service import ServiceProcess

from satchel_service.settings import SETTINGS

PAGE = (Path(__file__).resolve().parents[2] / "docs/guides/audit.md").read_text()


def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE)
    assert len(shown) >= 7
    with ServiceProcess(tmp_path / "cloud") as service:
        setup = [
            "satchel init --quiet",
            f"satchel connect {service.url} --pair {service.pairing_code} --label laptop --quiet",
        ]
        printed = run_in_one_shell([*setup, *(line for line, _ in shown)], tmp_path)[len(setup) :]
    wrong = [
        f"$ {line}\nprints   {output!r}\nexpected {expected!r}"
        for (line, expected), output in zip(shown, printed, strict=True)
        if not re.fullmatch(pattern_of(expected), output)
    ]
    assert not wrong, "\n\n".join(wrong)


def test_every_setting_of_the_audit_log_is_named() -> None:
    names = [
        each.env for each in SETTINGS if each.name.startswith("audit_") or each.name == "trusted_proxies"
    ]
    assert [name for name in names if f"`{name}" not in PAGE] == []
