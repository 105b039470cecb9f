"""The table of packages: complete, apart from the packages that models are developed with, and only fetched by hash."""

import hashlib
import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from models.evaluation import fetching
from models.evaluation.archives import Packages
from models.evaluation.dev import keywords
from models.evaluation.fetching import FetchError, Registry, Source, fetch, is_fetched, read_table
from models.evaluation.sampling import FROZEN

DEVELOPED_WITH = frozenset(
    re.findall(
        r"\S+",
        "flask click jinja2 httpx rich attrs networkx sympy bottle peewee tornado paramiko marshmallow arrow boltons "
        "toolz pendulum express lodash axios chalk commander moment underscore async vue react dayjs uuid yargs ws",
    )
)
DEVELOPED_TAGS = Path(keywords.__file__).with_suffix(".toml")
SOURCES = read_table()


def test_every_source_states_its_licence_and_hash() -> None:
    assert len(SOURCES) > 200
    for source in SOURCES:
        assert source.version
        assert source.licence
        assert re.fullmatch("[0-9a-f]{64}", source.sha256)
        assert source.registry in get_args(Registry)


def test_names_and_files_are_unique() -> None:
    assert (
        len({source.name for source in SOURCES}) == len({source.path for source in SOURCES}) == len(SOURCES)
    )


def test_no_package_is_one_that_models_are_developed_with() -> None:
    """Only the addresses of such packages are read, from their metadata."""
    files = [source for source in SOURCES if not source.registry.endswith("-metadata")]
    assert not {source.name for source in files if source.package in DEVELOPED_WITH}


def test_no_package_is_one_that_tags_are_developed_with() -> None:
    named = tomllib.loads(DEVELOPED_TAGS.read_text("utf-8"))
    developed = {f"npm/{one.rpartition('@')[0]}" for one in named["npm"]}
    developed |= {f"pypi/{one.partition('==')[0]}" for one in named["pypi"]}
    assert len(developed) > 200
    assert not developed & {source.name for source in SOURCES}


def test_every_frozen_set_has_items_and_a_hash() -> None:
    for name, row in json.loads(FROZEN.read_text()).items():
        assert row["items"] > 0, name
        assert re.fullmatch("[0-9a-f]{64}", row["sha256"])


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Source, Path]:
    """A source whose client is a copy of a file."""
    monkeypatch.setattr(fetching, "FETCHED", tmp_path / "packages")
    published = tmp_path / "published"
    published.write_bytes(b"content")
    monkeypatch.setattr(fetching, "_command", lambda source, _apt: ["cp", str(published), source.file])
    digest = hashlib.sha256(b"content").hexdigest()
    return replace(SOURCES[0], registry="npm", file="package.tgz", sha256=digest), published


def test_package_is_kept_once_it_has_its_hash(source: tuple[Source, Path]) -> None:
    wanted, published = source
    fetch([wanted])
    assert is_fetched(wanted)
    published.unlink()
    fetch([wanted])
    assert wanted.path.read_bytes() == b"content"


def test_package_with_another_hash_is_refused(source: tuple[Source, Path]) -> None:
    wanted, published = source
    published.write_bytes(b"other content")
    with pytest.raises(FetchError, match="has SHA-256"):
        fetch([wanted])
    assert not wanted.path.exists()


def test_package_that_is_gone_is_named(source: tuple[Source, Path]) -> None:
    wanted, published = source
    published.unlink()
    with pytest.raises(FetchError, match=re.escape(wanted.name)):
        fetch([wanted])


def test_missing_client_is_named(source: tuple[Source, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, _ = source
    monkeypatch.setattr(fetching, "_command", lambda _source, _apt: ["no-such-client"])
    with pytest.raises(FetchError, match="'no-such-client' is not installed"):
        fetch([wanted])


def test_damaged_file_is_fetched_again(source: tuple[Source, Path]) -> None:
    wanted, _ = source
    fetch([wanted])
    wanted.path.write_bytes(b"damaged")
    fetch([wanted])
    assert Path(wanted.path).read_bytes() == b"content"


def test_metadata_is_kept_without_what_depends_on_the_mirror(
    source: tuple[Source, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"download_info": {"url": "file:///mirror"}, "metadata": {"name": "a", "version": "1"}}
    monkeypatch.setattr(
        fetching, "_command", lambda _source, _apt: ["echo", json.dumps({"install": [answer]})]
    )
    kept = json.dumps({"name": "a", "version": "1"}, sort_keys=True, indent=1).encode()
    wanted = replace(
        source[0], registry="pypi-metadata", file="a.json", sha256=hashlib.sha256(kept).hexdigest()
    )
    fetch([wanted])
    assert wanted.path.read_bytes() == kept
    monkeypatch.setattr(fetching, "_command", lambda _source, _apt: ["echo", "no such package"])
    wanted.path.unlink()
    with pytest.raises(FetchError, match="has SHA-256"):
        fetch([wanted])


def test_a_package_that_one_set_names_is_in_no_other() -> None:
    """A set that draws from every package of a registry stays as it was frozen when such a package is added."""
    packages = Packages(SOURCES)
    apart = {source.name for source in SOURCES if source.only_for}
    assert {"npm/node-gyp", "debian/rust-doc"} <= apart
    assert not apart & {source.name for source in packages.of()}
    assert {packages.one(name).name for name in apart} == apart
