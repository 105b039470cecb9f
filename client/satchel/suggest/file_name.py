"""Title and language from the name of the file that a Piece comes from."""

from pathlib import PurePosixPath, PureWindowsPath

from satchel.store.languages import language_of_file
from satchel.store.model import Draft, Source
from satchel.suggest.suggester import Suggestion


class FromFileName:
    """`src/parse_header.py`: titled "parse_header.py", in Python. Works for names of any system."""

    def suggest(self, draft: Draft) -> Suggestion:
        """The file's own name as the title, and the language of its extension."""
        name = _file_name(draft.source)
        return Suggestion(title=name, language=language_of_file(name)) if name else Suggestion()


def _file_name(source: Source | None) -> str:
    if source is None:
        return ""
    text = source.file_name or (source.location if source.kind == "file" else "")
    return PurePosixPath(PureWindowsPath(text).as_posix()).name
