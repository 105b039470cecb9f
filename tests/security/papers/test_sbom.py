"""The bills of materials: complete, valid by the schema, and the same bytes for the same commit."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from cyclonedx.model.component import ComponentType
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from audit.bills import write_bills
from audit.sbom import bill_of_materials, product
from audit.shipped import CLIENT_LOCK, SERVICE_LOCK, AuditError, debian_packages, locked_packages

NO_IMAGE: Final = {"SATCHEL_SBOM_IMAGE": "satchel-image-that-does-not-exist"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bills")
    write_bills(NO_IMAGE, made)
    return made


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Any:  # noqa: ANN401  a JSON document
    return json.loads((folder / "satchel-wheel.cdx.json").read_text())


@pytest.fixture(scope="module")
def image(folder: Path) -> Any:  # noqa: ANN401  a JSON document
    return json.loads((folder / "satchel-image.cdx.json").read_text())


def purls(bill: dict[str, Any]) -> set[str]:
    return {component["purl"] for component in bill["components"]}


def test_the_bills_are_valid(folder: Path) -> None:
    text = (folder / "satchel-image.cdx.json").read_text()
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace('"library"', '"librarian"')) is not None


def test_the_bills_are_complete(wheel: Any, image: Any) -> None:  # noqa: ANN401
    for lock, bill in ((CLIENT_LOCK, wheel), (SERVICE_LOCK, image)):
        locked = {f"pkg:pypi/{each.name}@{each.version}" for each in locked_packages(lock.read_text())}
        assert locked <= purls(bill)
    page = {purl for purl in purls(image) if purl.startswith("pkg:npm/")}
    assert len(page) == 6
    assert page <= purls(wheel)
    assert any(purl.startswith("pkg:generic/sqlite@3.") for purl in purls(image))


def test_the_image_has_nothing_of_the_client(image: Any) -> None:  # noqa: ANN401
    assert not any(re.match(r"pkg:pypi/(keyring|click|zstandard)@", purl) for purl in purls(image))
    (note,) = (each for each in image["metadata"]["component"]["properties"] if "debian" in each["name"])
    assert note["value"].startswith("not listed: ")


def test_every_component_names_its_licence_and_its_origin(wheel: Any, image: Any) -> None:  # noqa: ANN401
    for component in wheel["components"] + image["components"]:
        assert component["licenses"], component["purl"]
        if component["purl"].startswith("pkg:pypi/"):
            (hashes,) = (each for each in component["properties"] if each["name"] == "satchel:sha256")
            assert re.fullmatch(r"[0-9a-f]{64}( [0-9a-f]{64})*", hashes["value"])
        if component["purl"].startswith("pkg:npm/"):
            assert component["hashes"][0]["alg"] == "SHA-512"


def test_dependencies_are_those_of_the_metadata(wheel: Any) -> None:  # noqa: ANN401
    needs = {each["ref"].partition("@")[0]: each.get("dependsOn", []) for each in wheel["dependencies"]}
    assert "pypi/cffi" in [ref.partition("@")[0] for ref in needs["pypi/cryptography"]]
    assert not needs["pypi/apsw"]


def test_the_same_commit_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_bills(NO_IMAGE, tmp_path)
    texts = [[path.read_bytes() for path in sorted(each.iterdir())] for each in (folder, tmp_path)]
    assert texts[0] == texts[1]
    assert b"timestamp" not in b"".join(texts[0])


def test_a_time_is_only_in_a_bill_that_is_given_one() -> None:
    described = product("example", "1.0", ComponentType.APPLICATION, {})
    bill = json.loads(bill_of_materials(described, [], {}, epoch_s=1_700_000_000))
    assert bill["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"


@pytest.mark.parametrize("value", ["yesterday", "-1", "9" * 40, "1.5"])
def test_a_malformed_time_is_refused(value: str, tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="SOURCE_DATE_EPOCH"):
        write_bills({**NO_IMAGE, "SOURCE_DATE_EPOCH": value}, tmp_path)


def test_debian_packages_are_read() -> None:
    listed = "zlib1g\t1:1.2.13.dfsg-1\tamd64\napt\t2.6.1\tall\n"
    assert [(each.name, each.version, each.architecture) for each in debian_packages(listed)] == [
        ("apt", "2.6.1", "all"),
        ("zlib1g", "1:1.2.13.dfsg-1", "amd64"),
    ]


def test_a_lock_file_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(AuditError, match="not a line of a lock file"):
        locked_packages("click>=8\n")
