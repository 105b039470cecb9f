"""A kill at any step of keeping a draft leaves its text and its files, and nothing else in the end."""

from pathlib import Path

import pytest
from tests.fault.test_kills import killed_at_every_step
from tests.unit.window.test_drafts import ONE, TWO, draft

from satchel.window.draft_files import FOLDER as FILES
from satchel.window.drafts import FOLDER, DraftFolder
from satchel.window.messages.unsaved import DraftFile
from satchel.window.uploads import Uploads

FIRST, SECOND = b"first file", b"second file"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A home with a draft that has a file."""
    home = tmp_path / "template" / "home"
    uploads = Uploads(home)
    begun = uploads.begin()
    uploads.write(begun, FIRST)
    file = DraftFile(upload=uploads.end(begun).upload, name="1.png", size_bytes=len(FIRST), is_image=True)
    DraftFolder(home).keep(draft(title="before", files=(file,)), None, uploads)
    uploads.close()
    return tmp_path / "template"


def files_of(home: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in (home / FOLDER / FILES).iterdir())


def sweep(home: Path) -> None:
    """Do what the next window does."""
    Uploads(home).sweep()
    DraftFolder(home).sweep()


def test_a_killed_form_leaves_the_text_and_the_files_of_before_or_after(
    template: Path, tmp_path: Path
) -> None:
    outcomes = []
    for folder in killed_at_every_step("go-on-with-draft", template, tmp_path / "killed"):
        home = folder / "home"
        sweep(home)
        found = DraftFolder(home).all()
        assert (found.damaged, found.newer) == ((), ())
        outcomes.append(({each.id for each in found.drafts}, files_of(home)))
        assert list((home / "window").rglob("*")) == []
        assert [path.name for path in (home / FOLDER).iterdir() if path.name.startswith(".")] == []
    assert all(FIRST in files for _, files in outcomes)
    assert all(ids in ({ONE}, {ONE, TWO}, {TWO}) for ids, _ in outcomes)
    assert outcomes[0] == ({ONE}, [FIRST])
    assert outcomes[-1] == ({TWO}, [FIRST, SECOND])
    assert ({ONE, TWO}, [FIRST]) in outcomes


def test_a_killed_discard_leaves_the_whole_draft_or_nothing(template: Path, tmp_path: Path) -> None:
    outcomes = []
    for folder in killed_at_every_step("drop-draft", template, tmp_path / "killed", more_than=3):
        home = folder / "home"
        sweep(home)
        outcomes.append((len(DraftFolder(home).all().drafts), files_of(home)))
    assert set(map(str, outcomes)) == {str((1, [FIRST])), str((0, []))}
    assert outcomes == sorted(outcomes, reverse=True)
