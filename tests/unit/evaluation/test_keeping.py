"""Figures that are kept: a run of some rows leaves those of the others."""

from models.evaluation.figures import Figure, lines_of_models
from models.evaluation.keeping import merged, page_with
from models.evaluation.metrics import Value

PAGE = "before\n<!-- figures -->\n<!-- end -->\nafter\n"


def figure(row: str, value: float, *, least: float | None = None, model: str = "m") -> Figure:
    return Figure(row, "F1", Value(value, value, value, 9), model, least=least)


def test_a_row_replaces_itself_and_no_other() -> None:
    first = page_with(PAGE, [figure("one", 0.1), figure("two", 0.2)])
    second = page_with(first, [figure("two", 0.7, least=0.5), figure("three", 0.3)])
    rows = [line.split("|")[1].strip() for line in second.splitlines() if line.startswith("| ")]
    assert rows == ["row", "one", "two", "three"]
    assert "0.700" in second
    assert "0.200" not in second
    assert second.startswith("before\n")
    assert second.endswith("after\n")


def test_the_lines_of_a_model_are_kept_by_row() -> None:
    kept = lines_of_models(
        [figure("one", 0.1, least=0.1), figure("two", 0.2, least=0.1), figure("other", 0.4, model="n")]
    )
    new = merged(kept, lines_of_models([figure("two", 0.7, least=0.1)]))
    assert {model: list(rows) for model, rows in new.items()} == {"m": ["one", "two"], "n": ["other"]}
    assert new["m"]["one"] == kept["m"]["one"]
    assert "0.700" in new["m"]["two"]


def test_figures_with_a_demand_are_the_headline_of_a_model() -> None:
    (line,) = lines_of_models([figure("one", 0.1), figure("one", 0.2, least=0.1), figure("two", 0.3)])[
        "m"
    ].items()
    assert line[0] == "one"
    assert "0.200" in line[1]
    assert "0.100" not in line[1]
    assert list(lines_of_models([figure("one", 0.1), figure("two", 0.3)])["m"]) == ["one"]
