"""`satchel search`: typing errors, OR, words that look like options, times, order, and matches on a terminal."""

import re

import pytest
from tests.cli.conftest import Cli

from satchel.store import Draft, Store, utc_now


def titles(cli: Cli, *arguments: str) -> list[str]:
    return [piece["title"] for piece in cli.json("search", *arguments)["pieces"]]


def test_a_typing_error_is_corrected_and_said(cli: Cli) -> None:
    cli.save("kubectl get pods", "--title", "pods")
    answer = cli.ok("search", "kubect")
    assert "kubectl get pods" in answer.text
    assert answer.err == 'nothing contains "kubect"; searched "kubectl"\n'
    document = cli.json("search", "kubect")
    assert document["corrections"] == [{"typed": "kubect", "used": ["kubectl"]}]
    assert cli.json("search", "kubectl")["corrections"] == []


def test_or_finds_either(cli: Cli) -> None:
    for title in ("curl", "wget", "ftp"):
        cli.save(f"{title} url", "--title", title)
    assert set(titles(cli, "curl", "OR", "wget")) == {"curl", "wget"}
    assert titles(cli, "curl OR wget -curl") == ["wget"]
    assert cli.run("search", "OR").code == 2


def test_words_that_look_like_options_are_found_after_two_hyphens(cli: Cli) -> None:
    cli.save("git push --force-with-lease", "--title", "push")
    assert titles(cli, "--", "--force-with-lease") == ["push"]
    assert titles(cli, "git", "--", "--force-with-lease") == ["push"]
    refused = cli.run("search", "--force-with-lease")
    assert (refused.code, "satchel search -- --force-with-lease" in refused.err) == (2, True)
    assert cli.run("search").code == 2
    assert cli.run("search", "--").code == 2


@pytest.fixture
def dated(cli: Cli) -> Cli:
    with Store.open(cli.home) as store:
        for day in (1, 3, 2):
            noon = utc_now().replace(2025, 6, day, 12)
            store.add(Draft(b"dated %d" % day, title=str(day), created=noon, updated=noon))
    return cli


def test_times_limit_a_search(dated: Cli) -> None:
    dated.save("dated now", "--title", "now")
    assert set(titles(dated, "dated", "--since", "2025-06-02")) == {"2", "3", "now"}
    assert set(titles(dated, "dated", "--before", "2025-06-02")) == {"1"}
    assert set(titles(dated, "dated", "--since", "2025-06-02", "--before", "2025-06-03")) == {"2"}
    assert titles(dated, "dated", "--since", "1h") == ["now"]
    assert titles(dated, "dated", "--since", "2025-06-03 11:00", "--before", "30d") == ["3"]
    assert titles(dated, "lang:text", "--since", "1h") == []


def test_the_order_can_be_by_time(dated: Cli) -> None:
    assert titles(dated, "dated", "--sort", "newest") == ["3", "2", "1"]
    assert titles(dated, "dated", "--sort", "oldest") == ["1", "2", "3"]
    assert titles(dated, "dated", "--sort", "oldest", "--limit", "1", "--since", "2025-06-02") == ["2"]
    dated.ok("edit", "1", "--description", "changed")
    assert titles(dated, "dated", "--sort", "newest")[0] == "1"


@pytest.mark.parametrize("time", ["yesterday", "2025-13-01", "0d", "never", "", "9" * 20 + "d", "999999999w"])
def test_a_wrong_time_is_a_usage_error(dated: Cli, time: str) -> None:
    answer = dated.run("search", "dated", "--since", time)
    assert (answer.code, answer.out) == (2, b"")


def test_a_span_without_time_is_a_usage_error(dated: Cli) -> None:
    assert dated.run("search", "dated", "--since", "2025-06-03", "--before", "2025-06-02").code == 2


def test_a_terminal_shows_whole_matching_lines_with_the_matches_marked(cli: Cli) -> None:
    line = "    return parse_header(request) and " + "x" * 200
    cli.save(f"import os\n{line}\nend\n", "--title", "parser")
    text = cli.ok("search", "header", terminal=True).text
    assert "parse_\x1b[1;31mheader\x1b[0m(request)" in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert line.strip() in plain
    assert plain.splitlines()[0].startswith("@1  ")
    assert "\x1b" not in Cli(cli.home, {"NO_COLOR": "1"}).ok("search", "header", terminal=True).text


def test_of_a_very_long_line_the_part_around_the_match_is_shown(cli: Cli) -> None:
    cli.save("a" * 5000 + " needle " + "b" * 5000, "--title", "minified")
    shown = (
        re.sub(r"\x1b\[[0-9;]*m", "", cli.ok("search", "needle", terminal=True).text).splitlines()[1].strip()
    )
    assert "needle" in shown
    assert len(shown) < 500
    assert shown.startswith("…")
    assert shown.endswith("…")
