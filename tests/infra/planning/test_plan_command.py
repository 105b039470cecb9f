import json

import pytest

from satchel_infra.main import main

Captured = pytest.CaptureFixture[str]


def test_the_plan_of_one_platform_is_printed(capsys: Captured) -> None:
    assert main(["plan", "--users", "200", "--platform", "box"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Plan for 200 clouds on Linux machines: mixed use, on the disk of their machine\n")
    assert "Cloud Run" not in text


def test_every_platform_is_planned_by_default(capsys: Captured) -> None:
    assert main(["plan", "--users", "200"]) == 0
    text = capsys.readouterr().out
    assert [name in text for name in ("Cloud Run", "Knative", "Linux machines")] == [True] * 3


def test_explain_says_how_each_line_was_computed(capsys: Captured) -> None:
    assert main(["plan", "--users", "200", "--platform", "cloudrun", "--explain"]) == 0
    assert "= users ÷ services per project and region, rounded up" in capsys.readouterr().out


def test_json_is_one_document_in_which_every_row_is_cited(capsys: Captured) -> None:
    assert main(["plan", "--users", "1000000", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [plan["platform"] for plan in document["plans"]] == ["cloudrun", "knative", "box"]
    for plan in document["plans"]:
        cited = {row for line in plan["lines"] for row in line["rests_on"]}
        assert cited <= plan["rows"].keys()
        costs = sum(line["value"] for line in plan["lines"] if line["part"] == "cost")
        assert plan["monthly_usd"] == pytest.approx(costs)


def test_an_operators_own_figure_is_used_and_named(capsys: Captured) -> None:
    words = ["plan", "--users", "1000", "--platform", "cloudrun", "--set", "run.services=500"]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert "run.services = 500" in text
    assert "your own figure (given with --set)" in text


def test_the_table_is_listed(capsys: Captured) -> None:
    assert main(["plan", "--rows"]) == 0
    assert "run.services = 1,000 services per project and region" in capsys.readouterr().out
    assert main(["plan", "--rows", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]["run.services"]["how"] == "page"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "the number of clouds is missing"),
        (["--users", "0"], "0 users are out of range"),
        (["--users", "1", "--set", "run.services"], "'run.services' is not a figure"),
        (["--users", "1", "--set", "no.such=1"], "there is no row 'no.such' in the table"),
        (["--users", "1", "--platform", "cloudrun", "--storage", "disk"], "cloudrun has no storage 'disk'"),
        (
            ["--users", "1", "--set", "mix.light=0.9"],
            "the shares of light, normal and heavy clouds do not add up to 1",
        ),
    ],
)
def test_wrong_usage_is_one_line_a_hint_and_exit_code_2(
    words: list[str], message: str, capsys: Captured
) -> None:
    assert main(["plan", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[0] == f"satchel-infra: {message}"
    assert captured.err.splitlines()[1].startswith("hint: ")
