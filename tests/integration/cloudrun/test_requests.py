"""How many requests each act takes. docs/reference/cloud-run.md has the same table, for quotas."""

import re
from pathlib import Path
from typing import Final

import pytest
from tests.contract.platforms.cloudrun import CloudRunSubject
from tests.contract.platforms.subject import owner_of

PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "reference" / "cloud-run.md"
OWNER: Final = owner_of("one")
COLUMNS: Final = {
    "Run reads": ("run.get", "run.list", "run.poll"),
    "Run writes": ("run.create", "run.update", "run.delete"),
    "IAM reads": ("iam.get", "iam.list"),
    "IAM writes": ("iam.create", "iam.patch", "iam.delete"),
    "buckets made or deleted": ("storage.create", "storage.delete"),
    "policies written": ("storage.set_policy",),
    "other Storage requests": ("storage.list", "storage.get_policy", "storage.list_objects", "storage.batch"),
}


def rows() -> dict[tuple[str, str], list[int]]:
    """Return the page's table: the numbers by act and storage."""
    found = re.findall(r"^\| ([a-z ]+) \| (bucket|prefix) \| ([0-9 |]+) \|$", PAGE.read_text(), re.MULTILINE)
    return {(act, storage): [int(cell) for cell in cells.split("|")] for act, storage, cells in found}


def counted(subject: CloudRunSubject) -> list[int]:
    count = subject.world.count()
    subject.world.log.clear()
    assert set(count) <= {method for methods in COLUMNS.values() for method in methods}
    return [sum(count[method] for method in methods) for methods in COLUMNS.values()]


@pytest.mark.parametrize("storage", ["bucket", "prefix"])
def test_the_page_states_the_requests_of_each_act(storage: str, request: pytest.FixtureRequest) -> None:
    subject: CloudRunSubject = request.getfixturevalue("subject" if storage == "bucket" else "shared")
    measured = {}
    subject.platform().ensure(subject.spec(OWNER))
    measured["create"] = counted(subject)
    subject.platform().ensure(subject.spec(OWNER))
    measured["connect again"] = counted(subject)
    subject.platform().update(subject.spec(OWNER, image=subject.image(2)))
    measured["update"] = counted(subject)
    subject.platform().update(subject.spec(OWNER, image=subject.image(2)))
    measured["update to the same"] = counted(subject)
    subject.platform().find(OWNER.name)
    measured["find"] = counted(subject)
    list(subject.platform().list())
    measured["list"] = counted(subject)
    subject.store_data(OWNER.name)
    subject.platform().remove(OWNER.name)
    measured["remove"] = counted(subject)
    assert {act: numbers for (act, kind), numbers in rows().items() if kind == storage} == measured


def test_the_table_has_these_columns() -> None:
    assert f"| act | storage | {' | '.join(COLUMNS)} |" in PAGE.read_text()
