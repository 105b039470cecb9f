"""A full archive opens with stock tools, by the recipe in docs/spec/archive.md."""

import re
import subprocess
from pathlib import Path

import pytest
from tests.support.archives import OWNER, context_of, make_store

from satchel.backup.create.backup import BackupOptions, back_up_to_file
from satchel.memory import Event, MemoryStore

SPEC = Path(__file__).parents[3] / "docs" / "spec" / "archive.md"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store of several frames, the last one short."""
    return make_store(tmp_path / "home", pieces=1000, size_bytes=3000)


@pytest.fixture
def archive(home: Path, tmp_path: Path) -> Path:
    back_up_to_file(context_of(home), tmp_path / "backup.age", BackupOptions("laptop"))
    return tmp_path / "backup.age"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.txt"
    path.write_text(f"{OWNER.identity}\n")
    return path


def recipe() -> str:
    found = re.search(r"```sh\n(.*?)```", SPEC.read_text(), re.DOTALL)
    assert found is not None
    assert len(found[1].splitlines()) <= 20
    return found[1]


@pytest.mark.tool("age", "bsdtar")
def test_the_recipe_restores_the_database_byte_for_byte(
    home: Path, archive: Path, key: Path, tmp_path: Path
) -> None:
    words = ["sh", "-c", recipe(), "recipe", str(archive), str(key), str(tmp_path / "store.db")]
    subprocess.run(words, check=True)
    assert (tmp_path / "store.db").read_bytes() == (home / "store.db").read_bytes()


@pytest.mark.tool("age", "bsdtar")
def test_the_recipe_works_in_a_pipe(home: Path, archive: Path, key: Path) -> None:
    pipe = 'age -d -i "$1" "$2" | bsdtar -xOf - "frames/*"'
    done = subprocess.run(["sh", "-c", pipe, "pipe", str(key), str(archive)], check=True, capture_output=True)
    assert done.stdout == (home / "store.db").read_bytes()


@pytest.mark.tool("age", "7z")
def test_7z_accepts_the_zip_and_extracts_the_same(
    home: Path, archive: Path, key: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.zip"
    subprocess.run(["age", "-d", "-i", str(key), "-o", str(plain), str(archive)], check=True)
    tested = subprocess.run(["7z", "t", str(plain)], capture_output=True, text=True, check=True)
    assert "Everything is Ok" in tested.stdout
    subprocess.run(["7z", "x", f"-o{tmp_path / 'out'}", str(plain)], check=True, capture_output=True)
    frames = sorted((tmp_path / "out" / "frames").iterdir())
    assert len(frames) > 3
    assert b"".join(frame.read_bytes() for frame in frames) == (home / "store.db").read_bytes()


@pytest.mark.tool("age", "bsdtar")
def test_the_recipe_restores_store_and_memory(home: Path, key: Path, tmp_path: Path) -> None:
    with MemoryStore.create(home) as memory:
        memory.add(Event("shell", number, f"make test-{number}") for number in range(3_000))
    archive = tmp_path / "backup.age"
    back_up_to_file(context_of(home), archive, BackupOptions("laptop", memory=True))
    [pattern] = re.findall(r"`bsdtar -xOf \"\$store.zip\" '(memory/\*)'`", SPEC.read_text())
    for name, chosen in (("store.db", "frames/*"), ("memory.db", pattern)):
        pipe = 'age -d -i "$1" "$2" | bsdtar -xOf - "$3"'
        words = ["sh", "-c", pipe, "pipe", str(key), str(archive), chosen]
        assert subprocess.run(words, check=True, capture_output=True).stdout == (home / name).read_bytes()
