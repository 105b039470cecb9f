"""The pages about the provisioner agree with the code."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from satchel_infra import errors
from satchel_infra.configuration import Configuration
from satchel_infra.errors import ConfigurationError, InfraError
from satchel_infra.names import NameKey, identify
from satchel_infra.serving.interface import INTERFACE
from satchel_infra.serving.server import OWN_SETTINGS
from satchel_infra.serving.tickets import (
    NONCE_CONTEXT,
    TICKET_CONTEXT,
    Purpose,
    Ticket,
    derive_key,
    open_ticket,
    seal,
)
from satchel_infra.shards import Shard, Shards
from satchel_service.web.openapi import document

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/reference/infra-configuration.md").read_text()
VECTORS: Final = json.loads((ROOT / "tests/vectors/provisioner/vectors.json").read_text())
KEY: Final = NameKey(bytes.fromhex(VECTORS["key"]))

FULL: Final[dict[str, Any]] = {
    "domain": "clouds.example.org",
    "platform": "box",
    "image": "i",
    "records": "file:/r",
    "name_key_file": "k",
    "settings": {},
    "options": {},
    "access": {"subjects": ["a"], "claim": "c", "values": ["v"]},
    "generations": [{"shards": [{"id": "s", "platform": "knative"}]}],
    "platforms": {"knative": {"image": "i", "options": {}}},
}


def rows(heading: str) -> list[list[str]]:
    """Return the rows of the table below a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `") or re.match(r"\| \d", line)]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]


def to_toml(value: object) -> str:
    """Write a value as an inline TOML value."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {to_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(to_toml, value)) + "]"
    return json.dumps(value)


def load(folder: Path, values: dict[str, Any]) -> Configuration:
    file = folder / "infra.toml"
    file.write_text("".join(f"{key} = {to_toml(value)}\n" for key, value in values.items()))
    return Configuration.load(file)


def known_keys(folder: Path) -> set[str]:
    """Return every key that the code reads, as its errors about unknown ones list them."""
    found = set()
    paths: list[tuple[str, ...]] = [(), ("access",), ("generations",), ("platforms", "knative")]
    for path in paths:
        values = json.loads(json.dumps(FULL))
        place = values
        for name in path:
            place = place[name]
        (place[0] if isinstance(place, list) else place)["unknown"] = "x"
        with pytest.raises(ConfigurationError, match="unknown") as failure:
            load(folder, values)
        keys = failure.value.hint.removeprefix("the keys here are ").split(", ")
        prefix = ".".join(name for name in path if name != "knative")
        found |= {f"{prefix}.{key}".strip(".") for key in keys}
    return found | {"generations.shards.id", "generations.shards.platform"}


def test_every_key_is_documented(tmp_path: Path) -> None:
    load(tmp_path, FULL)
    assert {row[0] for row in rows("Keys")} == known_keys(tmp_path)


def test_the_required_keys_are_those_that_the_page_says(tmp_path: Path) -> None:
    for name, required, *_ in rows("Keys"):
        if "." in name:
            continue
        values = {key: value for key, value in FULL.items() if key != name}
        if name == "platforms":
            values["generations"] = [{"shards": [{"id": "s"}]}]
        if required:
            with pytest.raises(ConfigurationError, match=name):
                load(tmp_path, values)
        else:
            load(tmp_path, values)


def test_the_example_is_a_configuration(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert tomllib.loads(example)
    (tmp_path / "infra.toml").write_text(example)
    assert Configuration.load(tmp_path / "infra.toml").issuer == "https://tenant.eu.auth0.com/"


def test_the_environment_of_serve_is_documented() -> None:
    assert [row[0] for row in rows("The environment of `satchel-infra serve`")] == list(OWN_SETTINGS)


def test_the_exit_codes_are_documented() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, InfraError)
    ]
    assert {row[0] for row in rows("Exit codes")} == {"0", *(str(kind.exit_code) for kind in kinds)}


def test_the_openapi_document_in_the_docs_is_up_to_date() -> None:
    assert (ROOT / "docs/reference/provisioner-openapi.json").read_bytes() == document(INTERFACE)


@pytest.mark.parametrize(
    "vector", VECTORS["names"], ids=lambda vector: f"{vector['issuer']} {vector['subject']}"
)
def test_names_and_shards_have_their_vectors(vector: dict[str, Any]) -> None:
    owner = identify(KEY, issuer=vector["issuer"], subject=vector["subject"])
    assert (owner.tag, owner.name) == (vector["tag"], vector["name"])
    generations = tuple(tuple(map(Shard, ids)) for ids in VECTORS["generations"])
    assert [shard.id for shard in Shards(generations).candidates(owner)] == vector["candidates"]


def test_the_names_of_the_vectors_differ() -> None:
    assert len({vector["name"] for vector in VECTORS["names"]}) == len(VECTORS["names"])


def test_derived_keys_and_tickets_have_their_vectors() -> None:
    key = derive_key(KEY, TICKET_CONTEXT, VECTORS["issuer"])
    assert key.hex() == VECTORS["ticket_key"]
    assert derive_key(KEY, NONCE_CONTEXT, VECTORS["issuer"]).hex() == VECTORS["nonce_key"]
    for vector in VECTORS["tickets"]:
        ticket = Ticket(
            Purpose(vector["for"]), vector["subject"], vector["asked"], vector["until"], vector["removal"]
        )
        assert seal(key, ticket) == vector["text"]
        assert open_ticket(key, vector["text"], vector["asked"] + 1) == ticket
