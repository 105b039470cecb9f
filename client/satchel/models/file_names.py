"""The title and the language from a file's name: `src/parse_header.py` is "parse_header.py", in Python."""

from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from satchel.models.interface import Model, Subject, Suggestion
from satchel.pieces.languages import language_of_file

TITLE_CONFIDENCE: Final = 0.3
LANGUAGE_CONFIDENCE: Final = 0.95  # a name can be wrong, but a file of five lines is guessed wrong more often
_REASON: Final = "the file's name"


class FileNames:
    """Suggests the base name of the file, and the language of its extension. Accepts paths of any system."""

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Suggest a title and a language; nothing without a file name."""
        name = PurePosixPath(PureWindowsPath(subject.file_name).as_posix()).name
        if not name:
            return ()
        title = Suggestion("title", name, TITLE_CONFIDENCE, _REASON)
        language = language_of_file(name)
        if language is None:
            return (title,)
        return (Suggestion("language", language, LANGUAGE_CONFIDENCE, _REASON), title)


def open_model() -> Model:
    """Return the model."""
    return FileNames()
