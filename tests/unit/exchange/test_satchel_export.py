"""satchel's own export: readable by any tool, imported without loss, and harmless if malicious."""

import dataclasses
import datetime as dt
import gc
import hashlib
import io
import json
import random
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.exchange.conftest import Found, no_keys, sort_items

from satchel.age import X25519Identity, seal
from satchel.age.errors import AgeError
from satchel.errors import IntegrityError, UsageError
from satchel.exchange import ziptable
from satchel.exchange.detection import kind_of, read
from satchel.exchange.importing import Import, ImportResult, ReplayClock
from satchel.exchange.satchel_zip.sealed import UnsealedFile
from satchel.exchange.satchel_zip.writer import export
from satchel.index import Index
from satchel.store import Changes, Draft, Piece, Source, Store, SuggestedValue, WholeFile

T0 = dt.datetime(2024, 1, 2, 3, 4, 5, 678_000, dt.UTC)
PNG = b"\x89PNG\r\n\x1a\n\x00\xff\xfe"


class Clock:
    """A clock that advances one hour per reading."""

    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> dt.datetime:
        self.now += dt.timedelta(hours=1)
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "home", clock=Clock()) as made:
        made.add(
            Draft(
                b"print(1)\n",
                title="one.py",
                language="python",
                tags=("a", "b"),
                links=("https://example.org",),
            )
        )
        made.add(
            Draft(
                PNG,
                title="shot/of: screen",
                description="two\nlines",
                source=Source("file", "/x/y.png", "y.png"),
            )
        )
        edited = made.add(Draft(b"first", title="edited"))
        made.edit(edited.id, Changes(content=b"second", title="edited again"))
        made.edit(edited.id, Changes(tags=("t",)))
        made.edit(edited.id, Changes(content=b"first", language="go"))
        yield made


def export_to(store: Store, path: Path) -> Path:
    with path.open("wb") as file:
        export(store, file)
    return path


def import_into(home: Path, source: Path) -> tuple[Store, ImportResult]:
    clock = ReplayClock()
    target = Store.create(home, clock=clock)
    run = Import(target, clock, known=lambda _digest: False, prepare=lambda draft: draft)
    for _ in run.run(read(source, kind_of(source), no_keys)):
        pass
    return target, run.result


def everything(store: Store) -> list[dict[str, Any]]:
    """Return the whole state of a store except ids."""
    return sorted((state_of(store, piece) for piece in store.pieces()), key=lambda state: str(state["title"]))


def state_of(store: Store, piece: Piece) -> dict[str, Any]:
    return {
        **{name: getattr(piece, name) for name in Piece.__dataclass_fields__ if name != "id"},
        "content": store.content(piece.id),
        "history": [
            (
                dataclasses.replace(each, id=""),
                store.content(piece.id, each.number),
                store.files(piece.id, each.number),
            )
            for each in store.revisions(piece.id)
        ],
    }


def test_export_and_import_keep_everything_except_ids(store: Store, tmp_path: Path) -> None:
    target, result = import_into(tmp_path / "other", export_to(store, tmp_path / "e.zip"))
    with target:
        assert everything(target) == everything(store)
    assert result.added == 3
    assert not result.problems


def test_without_sources_an_untitled_piece_is_not_named_after_its_file(tmp_path: Path) -> None:
    with Store.create(tmp_path / "home") as store, (tmp_path / "e.zip").open("wb+") as file:
        store.add(Draft(b"x", source=Source("file", "/home/me/plan.txt", "plan.txt")))
        export(store, file, with_sources=False)
        with zipfile.ZipFile(file) as archive:
            assert not [name for name in archive.namelist() if "plan" in name]
            assert b"plan" not in archive.read("pieces.json")


def test_the_zip_holds_a_readable_file_for_every_piece_and_earlier_content(
    store: Store, tmp_path: Path
) -> None:
    with zipfile.ZipFile(export_to(store, tmp_path / "e.zip")) as archive:
        names = archive.namelist()
        assert names[:2] == ["pieces/one.py", "pieces/shot_of_ screen.png"]
        assert archive.read("pieces/one.py") == b"print(1)\n"
        assert archive.read("pieces/edited again.go") == b"first"
        assert [archive.read(name) for name in names if name.startswith("history/")] == [b"second"]
        document = json.loads(archive.read("pieces.json"))
        assert archive.testzip() is None
    assert document["format"] == "satchel-export/1"
    assert [piece["file"] for piece in document["pieces"]] == [*names[:2], "pieces/edited again.go"]
    assert document["pieces"][2]["created"].startswith("2024-01-02T")


@pytest.fixture
def several(tmp_path: Path) -> Iterator[Store]:
    """A store of edited Pieces with several files and difficult names."""
    with Store.create(tmp_path / "several") as made:
        source = Source("file", "/src/main.py", "main.py")
        files = (
            WholeFile("test_main.py", b"import main"),
            WholeFile("con", b""),
            WholeFile("x.py", b"x", ""),
        )
        piece = made.add(Draft(b"def run(): ...", title="runner.py", source=source, files=files))
        made.edit(piece.id, Changes(add_files=(WholeFile("test_main.py", b"second"),)))
        made.edit(piece.id, Changes(files=(WholeFile("MAIN.py", b"import main"),)))
        made.edit(piece.id, Changes(content=b"second", remove_files=("MAIN.py",)))
        made.restore_revision(piece.id, 3)
        made.add(
            Draft(
                b"a",
                title="runner.py",
                files=(WholeFile("<b>", b"b"), WholeFile("-rf", b"\x89PNG\r\n\x1a\n")),
            )
        )
        made.add(Draft(b"alone", title="alone.py"))
        yield made


def test_export_and_import_keep_several_files(several: Store, tmp_path: Path) -> None:
    target, result = import_into(tmp_path / "other", export_to(several, tmp_path / "e.zip"))
    with target:
        assert everything(target) == everything(several)
        assert list(target.problems()) == []
    assert not result.problems


def test_a_piece_with_several_files_is_a_folder(several: Store, tmp_path: Path) -> None:
    with zipfile.ZipFile(export_to(several, tmp_path / "e.zip")) as archive:
        names = [name for name in archive.namelist() if name.startswith("pieces/")]
        assert names == [
            "pieces/runner/main.py",
            "pieces/runner/MAIN-2.py",
            "pieces/runner-2/runner.py",
            "pieces/runner-2/_b_",
            "pieces/runner-2/rf",
            "pieces/alone.py",
        ]
        assert archive.read("pieces/runner/MAIN-2.py") == b"import main"
        history = [name for name in archive.namelist() if name.startswith("history/")]
        assert len(history) == 3  # two revisions share the file with "second"
        document = json.loads(archive.read("pieces.json"))
    assert document["format"] == "satchel-export/2"
    assert [file["name"] for file in document["pieces"][0]["files"]] == ["MAIN.py"]


def test_a_store_without_several_files_is_exported_in_the_first_format(
    several: Store, tmp_path: Path
) -> None:
    for piece in list(several.pieces()):
        if piece.title == "runner.py":
            several.remove(piece.id)
    with zipfile.ZipFile(export_to(several, tmp_path / "e.zip")) as archive:
        assert json.loads(archive.read("pieces.json"))["format"] == "satchel-export/1"


@pytest.fixture
def described(tmp_path: Path) -> Iterator[Store]:
    """A store of a Piece whose fields are from models, and edits that refuse and take over some."""
    title, tag = SuggestedValue("title", "by a model", "titles/1"), SuggestedValue("tags", "http", "tags/1")
    with Store.create(tmp_path / "described", clock=Clock()) as made:
        piece = made.add(Draft(b"x", title=title.value, tags=("http",), suggested=(title, tag)))
        made.edit(piece.id, Changes(title="mine"))
        made.edit(piece.id, Changes(add_tags=("http",)))
        yield made


def test_export_and_import_keep_what_models_suggested(described: Store, tmp_path: Path) -> None:
    target, result = import_into(tmp_path / "other", export_to(described, tmp_path / "e.zip"))
    with target, zipfile.ZipFile(tmp_path / "e.zip") as archive:
        document = json.loads(archive.read("pieces.json"))
        assert everything(target) == everything(described)
    assert not result.problems
    assert document["format"] == "satchel-export/3"
    assert document["pieces"][0]["suggested"] == {"title": {"by a model": "titles/1"}}
    assert len(document["pieces"][0]["history"]) == 2


@pytest.mark.parametrize(
    "suggested",
    [
        {"other": {"a": "m/1"}},
        {"title": {"a": 1}},
        {"title": ["a"]},
        {"title": {"a" * 2_000: "m/1"}},
        {"tags": {str(number): "m/1" for number in range(100)}},
        5,
    ],
    ids=range(6),
)
def test_hostile_suggestions_affect_only_their_piece(
    described: Store, tmp_path: Path, suggested: object
) -> None:
    described.add(Draft(b"other"))

    def change(document: dict[str, Any], _entries: dict[str, bytes]) -> None:
        document["pieces"][0]["history"][0]["suggested"] = suggested

    found = read_changed(described, tmp_path, change)
    assert len(found.problems) == 1
    assert len(found.drafts) == 1


@pytest.mark.parametrize("name", ["../../outside", "/etc/passwd", "a\0b", "", "x" * 300, 5])
def test_a_file_with_a_hostile_name_affects_only_its_piece(
    several: Store, tmp_path: Path, name: object
) -> None:
    def change(document: dict[str, Any], _entries: dict[str, bytes]) -> None:
        document["pieces"][1]["files"][0]["name"] = name

    found = read_changed(several, tmp_path, change)
    assert len(found.problems) == 1
    assert (len(found.drafts), len(found.histories)) == (1, 1)


def test_a_changed_or_missing_file_affects_only_its_piece(several: Store, tmp_path: Path) -> None:
    changes: list[Callable[[Any, dict[str, bytes]], object]] = [
        lambda _document, entries: entries.update({"pieces/runner-2/rf": b"other"}),
        lambda _document, entries: entries.pop("pieces/runner-2/rf"),
    ]
    for change in changes:
        found = read_changed(several, tmp_path, change)
        assert len(found.problems) == 1
        assert (len(found.drafts), len(found.histories)) == (1, 1)


def test_pieces_with_several_files_are_not_imported_twice(several: Store, tmp_path: Path) -> None:
    source = export_to(several, tmp_path / "e.zip")
    clock = ReplayClock()
    with (
        Store.create(tmp_path / "other", clock=clock) as target,
        Index.open(tmp_path / "other", target) as index,
    ):
        for added in (3, 0):
            known = lambda digest: index.find_content(digest) is not None  # noqa: E731
            run = Import(target, clock, known=known, prepare=lambda draft: draft)
            for _ in run.run(read(source, "satchel", no_keys)):
                pass
            assert (run.result.added, run.result.problems) == (added, [])


def test_another_zip_program_reads_the_export(store: Store, tmp_path: Path) -> None:
    import shutil

    export_to(store, tmp_path / "e.zip")
    shutil.unpack_archive(tmp_path / "e.zip", tmp_path / "out")
    assert (tmp_path / "out/pieces/one.py").read_bytes() == b"print(1)\n"


def test_an_empty_store_is_exported_and_imported(tmp_path: Path) -> None:
    with Store.create(tmp_path / "home") as empty:
        export_to(empty, tmp_path / "e.zip")
    target, result = import_into(tmp_path / "other", tmp_path / "e.zip")
    target.close()
    assert result.added == 0
    assert not result.problems


def test_equal_titles_get_separate_files(tmp_path: Path) -> None:
    with Store.create(tmp_path / "home") as same:
        for number in range(3):
            same.add(Draft(f"{number}".encode(), title="Note.md"))
        with zipfile.ZipFile(export_to(same, tmp_path / "e.zip")) as archive:
            assert archive.namelist()[:3] == ["pieces/Note.md", "pieces/Note-2.md", "pieces/Note-3.md"]


def test_a_sealed_export_opens_only_with_its_key(store: Store, tmp_path: Path) -> None:
    plain = io.BytesIO()
    export(store, plain)
    owner = X25519Identity.generate()
    path = tmp_path / "e.zip.age"
    path.write_bytes(seal(plain.getvalue(), [owner.recipient]))
    assert kind_of(path) == "satchel"
    assert len(sort_items("satchel", read(path, "satchel", lambda: [owner])).drafts) == 2
    with pytest.raises(AgeError):
        list(read(path, "satchel", lambda: [X25519Identity.generate()]))


# -- hostile exports ----------------------------------------------------------------------------


def rebuilt(source: Path, path: Path, change: Callable[[dict[str, Any], dict[str, bytes]], object]) -> Path:
    """Write an export again with a changed document or entries."""
    with zipfile.ZipFile(source) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(entries.pop("pieces.json"))
    change(document, entries)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
        archive.writestr("pieces.json", json.dumps(document))
    return path


def read_changed(
    store: Store, folder: Path, change: Callable[[dict[str, Any], dict[str, bytes]], object]
) -> Found:
    path = rebuilt(export_to(store, folder / "e.zip"), folder / "changed.zip", change)
    return sort_items("satchel", read(path, "satchel", no_keys))


def test_a_changed_content_is_a_problem(store: Store, tmp_path: Path) -> None:
    found = read_changed(
        store, tmp_path, lambda _doc, entries: entries.update({"pieces/one.py": b"print(2)\n"})
    )
    assert [problem.reason for problem in found.problems] == ["its content does not match its SHA-256 digest"]
    assert (len(found.drafts), len(found.histories)) == (1, 1)


def test_a_missing_content_is_a_problem(store: Store, tmp_path: Path) -> None:
    found = read_changed(store, tmp_path, lambda _doc, entries: entries.clear())
    assert [problem.reason for problem in found.problems] == ["its content is missing"] * 3


@pytest.mark.parametrize("name", ["../../outside", "/etc/passwd", "pieces/../../x", "C:\\x", "", "a\x00b"])
def test_entry_names_are_never_used_as_paths(store: Store, tmp_path: Path, name: str) -> None:
    def change(document: dict[str, Any], entries: dict[str, bytes]) -> None:
        document["pieces"][0]["file"] = name
        entries["../../outside"] = entries.pop("pieces/one.py")

    before = set(tmp_path.parent.iterdir())
    found = read_changed(store, tmp_path, change)
    assert len(found.drafts) + len(found.problems) == 2
    assert set(tmp_path.parent.iterdir()) == before
    assert not (tmp_path.parent / "outside").exists()


def test_a_duplicate_entry_is_a_problem(store: Store, tmp_path: Path) -> None:
    path = export_to(store, tmp_path / "e.zip")
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("pieces/one.py", b"other")
    found = sort_items("satchel", read(path, "satchel", no_keys))
    assert [problem.reason for problem in found.problems] == ["its content occurs twice"]


def test_a_zip_bomb_is_a_problem(store: Store, tmp_path: Path) -> None:
    bomb = b"\x20" * (40 * 1024 * 1024)
    found = read_changed(store, tmp_path, lambda _doc, entries: entries.update({"pieces/one.py": bomb}))
    assert "zip bomb" in found.problems[0].reason


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_bomb_with_another_compression_is_not_unpacked(tmp_path: Path, method: int) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("pieces.json", bytes(64 * 1024 * 1024))
    tracemalloc.start()
    try:
        with pytest.raises(IntegrityError, match="not compressed with deflate"):
            list(read(path, "satchel", no_keys))
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_all_entries_together_are_limited(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ziptable, "MAX_ZIP_TOTAL_BYTES", 50_000)

    def change(document: dict[str, Any], entries: dict[str, bytes]) -> None:
        entries["pieces/one.py"] = content = random.Random(1).randbytes(10_000)
        named = {"file": "pieces/one.py", "sha256": hashlib.sha256(content).hexdigest()}
        document["pieces"] = [{**document["pieces"][0], **named, "id": str(number)} for number in range(10)]

    found = read_changed(store, tmp_path, change)
    assert len(found.drafts) == 4  # the document counts, too
    assert {problem.reason for problem in found.problems} == {"the export unpacks to more than any real one"}


def test_an_unknown_format_is_refused_by_name(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="satchel-export/9"):
        read_changed(store, tmp_path, lambda document, _entries: document.update(format="satchel-export/9"))


@pytest.mark.parametrize(
    "change",
    [
        {"title": 5},
        {"created": "soon"},
        {"tags": "x"},
        {"size_bytes": "5"},
        {"history": [{}]},
        {"title": "x" * 2_000},
    ],
)
def test_a_bad_piece_is_a_problem_and_the_others_are_read(
    store: Store, tmp_path: Path, change: dict[str, Any]
) -> None:
    found = read_changed(store, tmp_path, lambda document, _entries: document["pieces"][0].update(change))
    assert len(found.problems) == 1
    assert (len(found.drafts), len(found.histories)) == (1, 1)


def test_a_damaged_earlier_content_affects_only_its_revision(store: Store, tmp_path: Path) -> None:
    def change(_document: dict[str, Any], entries: dict[str, bytes]) -> None:
        name = next(name for name in entries if name.startswith("history/"))
        entries[name] = b"changed"

    path = rebuilt(export_to(store, tmp_path / "e.zip"), tmp_path / "c.zip", change)
    target, result = import_into(tmp_path / "other", path)
    with target:
        edited = next(piece for piece in target.pieces() if piece.title.startswith("edited"))
        assert target.content(edited.id) == b"first"
        assert edited.revision == 2
    assert result.added == 3


@pytest.mark.parametrize("length", [0, 1, 21, 22, 100, 500, -1, -22, -100])
def test_a_truncated_export_is_refused(store: Store, tmp_path: Path, length: int) -> None:
    path = export_to(store, tmp_path / "e.zip")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(IntegrityError):
        list(read(path, "satchel", no_keys))


def test_flipped_bytes_cause_at_most_a_problem(store: Store, tmp_path: Path) -> None:
    whole = export_to(store, tmp_path / "e.zip").read_bytes()
    path = tmp_path / "flipped.zip"
    refused = 0
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            sort_items("satchel", read(path, "satchel", no_keys))
        except (IntegrityError, UsageError):
            refused += 1
    assert 0 < refused < len(whole)


def test_a_zip64_export_is_read(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    path = export_to(store, tmp_path / "e.zip")
    assert b"PK\x06\x06" in path.read_bytes()
    assert len(sort_items("satchel", read(path, "satchel", no_keys)).drafts) == 2
    damaged = bytearray(path.read_bytes())
    place = damaged.rfind(b"PK\x06\x07")
    struct.pack_into("<Q", damaged, place + 8, 2**62)
    path.write_bytes(bytes(damaged))
    with pytest.raises(IntegrityError, match="damaged"):
        list(read(path, "satchel", no_keys))


def test_a_huge_central_directory_is_refused_unread(store: Store, tmp_path: Path) -> None:
    data = bytearray(export_to(store, tmp_path / "e.zip").read_bytes())
    end = data.rfind(b"PK\x05\x06")
    struct.pack_into("<L", data, end + 12, 0xFFFFFFF0)
    path = tmp_path / "huge.zip"
    path.write_bytes(bytes(data))
    with pytest.raises(IntegrityError, match="central directory is too large"):
        list(read(path, "satchel", no_keys))


def test_one_bomb_under_many_names_is_refused_after_bounded_work(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ziptable, "MAX_ZIP_REFUSED_BYTES", 8 * 1024 * 1024)
    unpacked = 0
    bounded = ziptable._bounded

    def counting(*arguments: Any) -> Iterator[bytes]:  # noqa: ANN401  the arguments of the original
        nonlocal unpacked
        for chunk in bounded(*arguments):
            unpacked += len(chunk)
            yield chunk

    def change(document: dict[str, Any], entries: dict[str, bytes]) -> None:
        entries["pieces/one.py"] = bytes(32 * 1024 * 1024)
        document["pieces"] = [{**document["pieces"][0], "id": str(number)} for number in range(400)]

    path = rebuilt(export_to(store, tmp_path / "e.zip"), tmp_path / "changed.zip", change)
    monkeypatch.setattr(ziptable, "_bounded", counting)
    found = sort_items("satchel", read(path, "satchel", no_keys))
    assert len(found.problems) == 400
    assert unpacked < 16 * 1024 * 1024


def test_entries_that_share_bytes_are_refused(store: Store, tmp_path: Path) -> None:
    path = export_to(store, tmp_path / "e.zip")
    with zipfile.ZipFile(path, "a") as archive:
        twin = zipfile.ZipInfo("pieces/twin.py")
        first = archive.infolist()[0]
        for name in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
            setattr(twin, name, getattr(first, name))
        archive.filelist.append(twin)
        archive._didModify = True  # type: ignore[attr-defined]  # writes the directory again
    with pytest.raises(IntegrityError, match="overlap"):
        list(read(path, "satchel", no_keys))


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "1969-01-01T00:00:00Z"]
)
@pytest.mark.parametrize("field", ["created", "updated"])
def test_a_time_out_of_range_is_a_problem(store: Store, tmp_path: Path, field: str, moment: str) -> None:
    found = read_changed(
        store, tmp_path, lambda document, _entries: document["pieces"][0].update({field: moment})
    )
    assert [problem.reason for problem in found.problems] == ["one of its times is out of range"]
    assert (len(found.drafts), len(found.histories)) == (1, 1)


def test_a_zip_file_that_is_no_export_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UsageError, match="is a zip file, but not an export"):
        kind_of(path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(IntegrityError, match="damaged zip file"):
        kind_of(path)


def test_a_damaged_sealed_export_closes_its_file_once(tmp_path: Path) -> None:
    path = tmp_path / "export.age"
    path.write_bytes(b"age-encryption.org/v1\ndamaged")
    with pytest.raises(AgeError) as caught:
        UnsealedFile(path, [X25519Identity.generate()])
    with path.open("rb") as other:  # it gets the descriptor that was closed
        del caught
        gc.collect()
        assert other.read()
