"""Lists without end, in cycles, and with entries of others."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from tests.security.evil_server.cases import WHOLE
from tests.security.evil_server.running import Runner
from tests.security.evil_server.scenarios import SCENARIOS, Scenario
from tests.security.evil_server.server import Attack, Raw, Seen
from tests.support.asgi import Answer

PAGED = [each for each in SCENARIOS if "list_shares" in each.operations and "list_shares" not in each.passes]
LISTING = [
    each
    for each in SCENARIOS
    if "list_backups" in each.operations and each.refused == 6 and (WHOLE or not each.spoils)
]
Page = dict[str, Any]
_NUMBERS = count(1)


def fresh(share: Page) -> Page:
    """Return a share with an id of its own."""
    return {**share, "id": f"{next(_NUMBERS):032x}"}


PAGES: dict[str, Callable[[Page], Page]] = {
    "a page that is its own next": lambda page: {**page, "next": "00"},
    "the same page for ever": lambda page: {**page, "next": f"{next(_NUMBERS):032x}"},
    "empty pages for ever": lambda _: {"shares": [], "next": f"{next(_NUMBERS):032x}"},
    "an empty next": lambda page: {**page, "next": ""},
    "new shares for ever": lambda page: {
        "shares": [fresh(page["shares"][0]) for _ in range(9_000)],
        "next": f"{next(_NUMBERS):032x}",
    },
    "large pages for ever": lambda page: {
        "shares": [{**fresh(page["shares"][0]), "note": "A" * 5_460} for _ in range(1_500)],
        "next": f"{next(_NUMBERS):032x}",
    },
}


@pytest.mark.parametrize("kind", PAGES)
def test_pages_without_end_end_the_command(runner: Runner, kind: str) -> None:
    first: list[Page] = []

    def change(_: Seen, answer: Answer) -> Answer:
        if answer.status == 200:
            first.append(json.loads(answer.body))
        return Answer(200, {"content-type": "application/json"}, json.dumps(PAGES[kind](first[0])).encode())

    for scenario in PAGED if kind == "a page that is its own next" else PAGED[:1]:
        outcome = runner.run(scenario, Attack("list_shares", change))
        assert runner.faults(scenario, outcome, {6}, "list_shares") == [], scenario.name
        assert sum(each.operation == "list_shares" for each in outcome.seen) <= 10


def test_two_pages_in_a_circle_end_the_command(runner: Runner) -> None:
    scenario = PAGED[0]

    def change(seen: Seen, answer: Answer) -> Answer | Raw:
        page = json.loads(answer.body) if answer.status == 200 else {"shares": []}
        following = "01" if seen.path.endswith("=00") else "00"
        body = {"shares": [fresh(each) for each in page["shares"][:1]], "next": following}
        return Answer(200, {"content-type": "application/json"}, json.dumps(body).encode())

    outcome = runner.run(scenario, Attack("list_shares", change))
    assert runner.faults(scenario, outcome, {6}, "list_shares") == []
    assert len(outcome.seen) <= 50


BACKUPS: dict[str, tuple[Callable[[Page, Runner], Page], set[int]]] = {
    "another owner's backups": (lambda _, runner: runner.template.strangers["backups"], {0, 3, 5}),
    "another owner's backups as well": (
        lambda page, runner: merged(page, runner.template.strangers["backups"]),
        {0, 3, 5},
    ),
    "no backups": (lambda page, _: {**page, "backups": [], "archives": []}, {0, 3}),
    "no archives": (lambda page, _: {**page, "archives": []}, {0, 3, 5}),
    "each backup twice": (lambda page, _: {**page, "backups": page["backups"] * 2}, {6}),
    "a live backup that is deleted too": (
        lambda page, _: {**page, "deleted": [{**page["deleted"][0], "id": page["backups"][0]["id"]}]},
        {6},
    ),
    "summaries of other backups": (lambda page, _: turned(page, "summary"), {0, 5}),
    "ids of other backups": (lambda page, _: turned(page, "id"), {0, 5}),
    "devices of other backups": (lambda page, _: turned(page, "device"), {0, 5}),
    "no devices": (lambda page, _: without(page, "device"), {0, 5}),
    "needs of itself": (lambda page, _: needing(page, lambda each: [each["id"]]), {0}),
    "needs in a circle": (lambda page, _: needing(page, lambda _: [o["id"] for o in page["backups"]]), {0}),
    "needs of nobody's": (lambda page, _: needing(page, lambda _: ["ab" * 16] * 1000), {0}),
    "only deleted backups": (
        lambda page, _: {
            **page,
            "backups": [],
            "deleted": [{**page["deleted"][0], "id": each["id"]} for each in page["backups"]],
        },
        {0, 3},
    ),
}


def merged(ours: Page, theirs: Page) -> Page:
    """Return a list with the entries of both."""
    return {name: [*ours.get(name, []), *theirs.get(name, [])] for name in ours}


def turned(page: Page, name: str) -> Page:
    """Return a list in which each backup has a field of the next one."""
    backups = page["backups"]
    values = [each[name] for each in backups]
    return {
        **page,
        "backups": [
            {**each, name: value} for each, value in zip(backups, values[1:] + values[:1], strict=True)
        ],
    }


def without(page: Page, name: str) -> Page:
    """Return a list whose backups lack a field."""
    return {**page, "backups": [{k: v for k, v in each.items() if k != name} for each in page["backups"]]}


def needing(page: Page, needs: Callable[[Page], list[str]]) -> Page:
    """Return a list whose backups have other needs."""
    return {**page, "backups": [{**each, "needs": needs(each)} for each in page["backups"]]}


@pytest.mark.parametrize("scenario", LISTING, ids=lambda each: each.name)
def test_a_list_of_backups_that_lies_does_no_harm(runner: Runner, scenario: Scenario) -> None:
    found = []
    for name, (alter, codes) in BACKUPS.items():

        def change(_: Seen, answer: Answer, alter: Callable[[Page, Runner], Page] = alter) -> Answer:
            body = json.dumps(alter(json.loads(answer.body), runner)).encode()
            return Answer(answer.status, answer.headers, body)

        outcome = runner.run(scenario, Attack("list_backups", change))
        allowed = codes | ({0, 3, 5} if codes != {6} else {0} if "list_backups" in scenario.passes else set())
        found += [
            f"{name}: {fault}\n   {outcome.err.strip()}"
            for fault in runner.faults(scenario, outcome, allowed, "list_backups")
        ]
    assert not found, "\n".join(found)


def test_the_stranger_has_another_key(runner: Runner) -> None:
    owned = json.dumps(runner.template.earlier["backups"])
    assert json.dumps(runner.template.strangers["backups"]["backups"][0]["id"]) not in owned
