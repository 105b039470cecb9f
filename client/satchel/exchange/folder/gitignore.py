"""`.gitignore` as git reads it: nested files, the deeper one decides, an ignored folder is not entered.

A folder may come from anywhere, so no line may take long: see `steady`. What is beyond the limits, or no pattern, is
a problem with the number of its line, and the other lines hold.
"""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from satchel.exchange.limits import (
    MAX_IGNORE_FILE_BYTES,
    MAX_IGNORE_LINES,
    MAX_IGNORE_PATTERN_LETTERS,
)
from satchel.exchange.reading import TooLargeError, UnfitError, read_regular

FILE_NAME: Final = ".gitignore"

# what pathspec makes of `*`, and of a `**` at the beginning and between two other parts
_STAR: Final = re.escape("[^/]*")
_LEADING: Final = "^(?:.+/)?"
_DEEP: Final = "(?:/.+)?"
_BRACKET: Final = r"\[(?!\^/\])\^?\]?[^]]*\]"
_SLASHLESS: Final = re.compile(rf"\\.|({_BRACKET})", re.DOTALL)
_LETTER: Final = rf"(?:\\.|\(\?!/\){_BRACKET}|\[\^/\]|[^][\\().?+*^$|{{}}])(?![*+?])"  # matches exactly one
_BETWEEN_STARS: Final = re.compile(rf"{_STAR}((?:{_LETTER})*)(?={_STAR})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is no rule here, counted from 1, or the file when `line` is None; `reason` is one clause."""

    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The rules that hold inside one folder: its own file's, then those of the folders above."""

    folder: Path
    spec: GitIgnoreSpec | None
    refused: tuple[Refused, ...] = ()
    above: "IgnoreRules | None" = None

    def inside(self, folder: Path) -> "IgnoreRules":
        """Return the rules of a folder below this one."""
        spec, refused = _read_spec(folder)
        return self if spec is None and not refused else IgnoreRules(folder, spec, refused, self)

    def ignores(self, path: Path, *, is_folder: bool) -> bool:
        """Tell whether a path below the folder is ignored; the deepest file with an opinion decides."""
        rules: IgnoreRules | None = self
        while rules is not None:
            if rules.spec is not None:
                relative = path.relative_to(rules.folder).as_posix()
                verdict = rules.spec.check_file(f"{relative}/" if is_folder else relative).include
                if verdict is not None:
                    return verdict
            rules = rules.above
        return False


def rules_for(folder: Path) -> IgnoreRules:
    """Return the rules that hold in a folder, with those of the git repository around it.

    A folder that the repository ignores was named on purpose: then only its own rules hold.
    """
    rules = IgnoreRules(folder, None)
    for above in _repository_path(folder):
        rules = rules.inside(above)
        if above != folder and rules.ignores(folder, is_folder=True):
            return IgnoreRules(folder, None).inside(folder)
    return rules


def steady(regex: str) -> re.Pattern[str]:
    r"""Compile an expression of pathspec's so that it takes the same paths, in time that grows with their length.

    What stands between two `*` has a fixed length, and what stands between two `**` a fixed number of folders, so its
    first place is as good as any later one: an atomic group keeps to it. Without this, a pattern with n `*` is tried
    in 255^n ways on a name of 255 letters. `fnmatch.translate` does the same. As in git, brackets match no slash, and a
    line feed is a letter.
    """
    slashless = _SLASHLESS.sub(lambda found: f"(?!/){found[1]}" if found[1] else found[0], regex)
    first, *others = _BETWEEN_STARS.sub(r"(?>[^/]*?\1)", slashless).split(_DEEP)
    if not others:
        return re.compile(first, re.DOTALL)
    if first.startswith(_LEADING):
        first = f"^(?>(?:.+?/)??{first.removeprefix(_LEADING)}(?=/))"
    between = "".join(f"(?>(?:/.+?)??{part}(?=/))" for part in others[:-1])
    return re.compile(f"{first}{between}{_DEEP}{others[-1]}", re.DOTALL)


def _repository_path(folder: Path) -> Iterator[Path]:
    """Yield the folders from the top of the repository around `folder` down to it; just it if there is none."""
    chain = [folder, *folder.parents]
    for depth, above in enumerate(chain):
        if (above / ".git").exists():
            yield from reversed(chain[: depth + 1])
            return
    yield folder


def _read_spec(folder: Path) -> tuple[GitIgnoreSpec | None, tuple[Refused, ...]]:
    """Read a folder's `.gitignore`; one that cannot be read has no rules, as in git."""
    try:
        data = read_regular(folder / FILE_NAME, MAX_IGNORE_FILE_BYTES)
    except TooLargeError as exc:
        return None, (Refused(None, str(exc)),)
    except UnfitError:
        return None, ()
    patterns: list[GitIgnoreSpecPattern] = []
    refused: list[Refused] = []
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").splitlines(), 1):
        if number > MAX_IGNORE_LINES:
            refused.append(Refused(number, "it and those after it are beyond what is read"))
            break
        try:
            patterns.append(_pattern(line))
        except UnfitError as exc:
            refused.append(Refused(number, str(exc)))
    return GitIgnoreSpec(patterns), tuple(refused)


def _pattern(line: str) -> GitIgnoreSpecPattern:
    """Return the rule of one line; UnfitError when it is none, or could take long."""
    if len(line) > MAX_IGNORE_PATTERN_LETTERS:
        raise UnfitError(f"it is longer than {MAX_IGNORE_PATTERN_LETTERS} letters")
    try:
        regex, include = GitIgnoreSpecPattern.pattern_to_regex(line)
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of sets inside brackets
            return GitIgnoreSpecPattern(None if regex is None else steady(regex), include)
    except (ValueError, re.error) as exc:
        raise UnfitError("it is no pattern") from exc
