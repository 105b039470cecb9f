"""Several files in one Piece: added, edited, restored and removed."""

from typing import TYPE_CHECKING

import pytest

from satchel.errors import IntegrityError, NotFoundError, UsageError
from satchel.pieces import fields
from satchel.store import Changes, Draft, File, Piece, Source, Store, WholeFile

if TYPE_CHECKING:
    from collections.abc import Callable

PNG = b"\x89PNG\r\n\x1a\n\x00"
FILES = (
    WholeFile("test_main.py", b"import main\n"),
    WholeFile("notes", b"", language="md"),
    WholeFile("shot.png", PNG),
)


@pytest.fixture
def several(store: Store) -> Piece:
    return store.add(Draft(b"def main(): ...\n", title="main.py", files=FILES))


def names(piece: Piece) -> list[str]:
    return [file.name for file in piece.files]


def contents(store: Store) -> int:
    return int(store._connection.execute("SELECT count(*) FROM contents").get)


def test_files_keep_their_order_language_and_type(store: Store, several: Piece) -> None:
    assert several.files == (
        File("test_main.py", "python", "text/plain", 12),
        File("notes", "markdown", "text/plain", 0),
        File("shot.png", None, "image/png", 9),
    )
    assert store.piece(several.id) == several == next(store.pieces())
    assert store.content(several.id) == b"def main(): ...\n"
    assert [file.content for file in store.files(several.id)] == [file.content for file in FILES]


def test_a_piece_of_one_content_has_no_files(store: Store) -> None:
    piece = store.add(Draft(b"alone"))
    assert piece.files == ()
    assert store.files(piece.id) == ()


def test_files_read_from_a_piece_can_be_added_unchanged(store: Store, several: Piece) -> None:
    plain = store.add(Draft(b"x", files=(WholeFile("a.py", b"1", language=""),)))
    for piece in (several, plain):
        again = store.add(Draft(b"x", files=store.files(piece.id)))
        assert again.files == piece.files


def test_unchanged_content_equal_to_that_of_a_file_changes_nothing(store: Store) -> None:
    piece = store.add(Draft(b"same", files=(WholeFile("a.py", b"same"), WholeFile("b.py", b"same"))))
    assert store.edit(piece.id, Changes(content=b"same")).revision == 1
    assert store.edit(piece.id, Changes(add_files=(WholeFile("b.py", b"same"),))).revision == 1
    assert store.edit(piece.id, Changes(content=b"other")).revision == 2


def test_the_file_name_of_the_main_content_is_that_of_its_source(store: Store) -> None:
    for source, name in [
        (None, ""),
        (Source("stdin"), ""),
        (Source("file", "/src/main.py", "main.py"), "main.py"),
        (Source("elsewhere", "", "C:\\src\\main.py"), "main.py"),
    ]:
        assert store.add(Draft(b"x", source=source)).file_name == name


def test_an_edit_of_other_fields_keeps_the_files(store: Store, several: Piece) -> None:
    before = contents(store)
    edited = store.edit(several.id, Changes(title="new", content=b"other"))
    assert edited.files == several.files
    assert contents(store) == before + 1


def test_a_new_file_is_appended(store: Store, several: Piece) -> None:
    added = store.edit(several.id, Changes(add_files=(WholeFile("z.css", b"a {}"),)))
    assert names(added) == ["test_main.py", "notes", "shot.png", "z.css"]
    assert added.files[-1].language == "css"
    assert store.files(several.id, 1) == store.files(several.id)[:3]


def test_a_file_with_an_existing_name_replaces_it_in_place_and_keeps_its_language(
    store: Store, several: Piece
) -> None:
    changed = store.edit(several.id, Changes(add_files=(WholeFile("notes", b"more"),)))
    assert changed.files[1] == File("notes", "markdown", "text/plain", 4)
    assert names(changed) == names(several)
    other = store.edit(several.id, Changes(add_files=(WholeFile("notes", b"more", language="rst"),)))
    assert other.files[1].language == "rst"
    assert store.files(several.id, 1)[1].content == b""


def test_a_file_is_removed(store: Store, several: Piece) -> None:
    changed = store.edit(several.id, Changes(remove_files=("notes",)))
    assert names(changed) == ["test_main.py", "shot.png"]
    with pytest.raises(NotFoundError, match="no file 'notes'"):
        store.edit(several.id, Changes(remove_files=("notes",), title="not this either"))
    assert store.piece(several.id) == changed


def test_all_files_are_replaced_at_once(store: Store, several: Piece) -> None:
    assert names(store.edit(several.id, Changes(files=(WholeFile("only", b"1"),)))) == ["only"]
    assert names(store.edit(several.id, Changes(files=()))) == []


@pytest.mark.parametrize(
    "changes",
    [
        Changes(add_files=(FILES[0],)),
        Changes(files=FILES),
        Changes(remove_files=("shot.png",), add_files=(FILES[2],)),
    ],
)
def test_changes_without_effect_on_files_append_no_revision(
    store: Store, several: Piece, changes: Changes
) -> None:
    assert store.edit(several.id, changes) == several


def test_another_order_is_a_change(store: Store, several: Piece) -> None:
    turned = store.edit(several.id, Changes(files=(FILES[1], FILES[0], FILES[2])))
    assert names(turned) == ["notes", "test_main.py", "shot.png"]
    assert turned.revision == 2


def test_equal_contents_of_a_piece_are_stored_once(store: Store, several: Piece) -> None:
    before = contents(store)
    store.edit(several.id, Changes(add_files=(WholeFile("copy.py", b"import main\n"),)))
    store.edit(several.id, Changes(add_files=(WholeFile("copy2.py", b"def main(): ...\n"),)))
    assert contents(store) == before


def test_restoring_a_revision_restores_its_files(store: Store, several: Piece) -> None:
    store.edit(several.id, Changes(remove_files=("shot.png",), add_files=(WholeFile("notes", b"n"),)))
    restored = store.restore_revision(several.id, 1)
    assert restored.files == several.files
    assert [file.content for file in store.files(several.id)] == [file.content for file in FILES]
    assert [len(one.files) for one in store.revisions(several.id)] == [3, 2, 3]


def test_removing_a_piece_overwrites_the_files_of_every_revision(store: Store) -> None:
    piece = store.add(Draft(b"x", files=(WholeFile("first-secret-name", b"first-secret"),)))
    other = store.add(Draft(b"kept", files=(WholeFile("kept", b"kept too"),)))
    store.edit(piece.id, Changes(files=(WholeFile("second-secret-name", b"second-secret"),)))
    store.edit(piece.id, Changes(files=()))
    store.remove(piece.id)
    assert contents(store) == 2
    assert list(store.problems()) == []
    assert store.files(other.id)[0].content == b"kept too"
    store.close()
    assert b"secret" not in store.path.read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "a/b", "/etc/passwd", "..\\x", "a\0b", "a\nb", "\x1b[31m", "\x7f", "\x85", " a", "a ",
        "\u202egpj.exe", "\u2066x", "\u200fx", "\ufeffx", "a\u2028b", "\udcff", "x" * 256, "é" * 128,
    ],
)  # fmt: skip
def test_an_invalid_file_name_is_refused_and_nothing_changes(store: Store, several: Piece, name: str) -> None:
    file = WholeFile(name, b"1")
    attempts: list[Callable[[], object]] = [
        lambda: store.add(Draft(b"x", files=(file,))),
        lambda: store.edit(several.id, Changes(add_files=(file,))),
        lambda: store.edit(several.id, Changes(files=(file,))),
    ]
    for attempt in attempts:
        with pytest.raises(UsageError, match="is not a valid file name") as refused:
            attempt()
        assert refused.value.message.isprintable()
        assert len(refused.value.message) < 300
    assert [piece.id for piece in store.pieces()] == [several.id]
    assert store.piece(several.id) == several


@pytest.mark.parametrize("name", ["a", ".env", "a b.txt", "größe 文件 🎉.md", "con", "a:b", "x" * 255, "-rf"])
def test_ordinary_and_unusual_names_are_accepted(store: Store, name: str) -> None:
    assert names(store.add(Draft(b"x", files=(WholeFile(name, b"1"),)))) == [name]


def test_names_are_compared_in_unicode_nfc(store: Store) -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    piece = store.add(Draft(b"x", files=(WholeFile(decomposed, b"1"),)))
    assert names(piece) == [composed]
    with pytest.raises(UsageError, match="two files are named"):
        store.add(Draft(b"x", files=(WholeFile(composed, b"1"), WholeFile(decomposed, b"2"))))
    assert names(store.edit(piece.id, Changes(remove_files=(decomposed,)))) == []


def test_the_number_of_files_is_limited(store: Store) -> None:
    files = tuple(WholeFile(f"{number}.txt", b"x") for number in range(fields.MAX_FILES + 1))
    piece = store.add(Draft(b"main", files=files[:-1]))
    assert len(piece.files) == fields.MAX_FILES
    attempts: list[Callable[[], object]] = [
        lambda: store.add(Draft(b"main", files=files)),
        lambda: store.edit(piece.id, Changes(add_files=files[-1:])),
    ]
    for attempt in attempts:
        with pytest.raises(UsageError, match="301 files are too many"):
            attempt()
    assert store.piece(piece.id) == piece
    assert store.count() == 1


def test_one_size_limit_applies_to_all_contents_together(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fields, "MAX_CONTENT_BYTES", 10)
    piece = store.add(Draft(b"12345", files=(WholeFile("a", b"12345"),)))
    attempts: list[Callable[[], object]] = [
        lambda: store.add(Draft(b"12345", files=(WholeFile("a", b"123456"),))),
        lambda: store.edit(piece.id, Changes(content=b"123456")),
        lambda: store.edit(piece.id, Changes(add_files=(WholeFile("b", b"1"),))),
    ]
    for attempt in attempts:
        with pytest.raises(UsageError, match="11 bytes"):
            attempt()
    assert store.piece(piece.id) == piece
    assert contents(store) == 2


def test_a_damaged_file_is_reported(store: Store, several: Piece) -> None:
    store._connection.execute("UPDATE contents SET data = x'00' WHERE id = 1")
    with pytest.raises(IntegrityError, match="damaged"):
        store.files(several.id)
