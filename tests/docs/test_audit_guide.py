"""docs/guides/audit.md: the examples print the output shown, on a device that is connected to a real cloud."""

from pathlib import Path

from tests.support.guide_examples import differences_on_a_connected_device, examples

from satchel_service.settings import SETTINGS

PAGE = (Path(__file__).resolve().parents[2] / "docs/guides/audit.md").read_text()


def test_every_example_prints_the_output_shown(tmp_path: Path) -> None:
    shown = examples(PAGE)
    assert len(shown) >= 7
    wrong = differences_on_a_connected_device(shown, tmp_path)
    assert not wrong, "\n\n".join(wrong)


def test_every_setting_of_the_audit_log_is_named() -> None:
    names = [
        each.env for each in SETTINGS if each.name.startswith("audit_") or each.name == "trusted_proxies"
    ]
    assert [name for name in names if f"`{name}" not in PAGE] == []
