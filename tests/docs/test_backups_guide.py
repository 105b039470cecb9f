"""docs/guides/backups.md: the examples print the output shown, on a device that is connected to a real cloud."""

from pathlib import Path

from tests.support.guide_examples import differences, examples
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
        wrong = differences(shown, tmp_path, setup)
    assert not wrong, "\n\n".join(wrong)
