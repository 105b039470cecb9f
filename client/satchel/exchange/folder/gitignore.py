"""`.gitignore` files as git applies them: deeper files override, and ignored folders are not entered.

A folder may be untrusted, so every pattern must match in linear time: see `linear_regex`. A line that is
invalid or over a limit is rejected with its number; the other lines apply.
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
from satchel.exchange.reading import RejectedError, TooLargeError, read_regular

FILE_NAME: Final = ".gitignore"

# pathspec's translation of `*`, and of `**` at the start and between two parts.
_STAR: Final = re.escape("[^/]*")
_LEADING: Final = "^(?:.+/)?"
_DEEP: Final = "(?:/.+)?"
_BRACKET: Final = r"\[(?!\^/\])\^?\]?[^]]*\]"
_SLASHLESS: Final = re.compile(rf"\\.|({_BRACKET})", re.DOTALL)
_LETTER: Final = rf"(?:\\.|\(\?!/\){_BRACKET}|\[\^/\]|[^][\\().?+*^$|{{}}])(?![*+?])"  # matches exactly one
_BETWEEN_STARS: Final = re.compile(rf"{_STAR}((?:{_LETTER})*)(?={_STAR})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line (counted from 1) that is not applied, or the whole file if `line` is None."""

    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The rules for one folder: those of its own file, then those of its parents."""

    folder: Path
    spec: GitIgnoreSpec | None
    rejected: tuple[RejectedLine, ...] = ()
    parent: "IgnoreRules | None" = None

    def inside(self, folder: Path) -> "IgnoreRules":
        """Return the rules for a folder below this one."""
        spec, rejected = _read_spec(folder)
        return self if spec is None and not rejected else IgnoreRules(folder, spec, rejected, self)

    def ignores(self, path: Path, *, is_folder: bool) -> bool:
        """Tell whether a path below the folder is ignored; the deepest file that matches it decides."""
        rules: IgnoreRules | None = self
        while rules is not None:
            if rules.spec is not None:
                relative = path.relative_to(rules.folder).as_posix()
                verdict = rules.spec.check_file(f"{relative}/" if is_folder else relative).include
                if verdict is not None:
                    return verdict
            rules = rules.parent
        return False


def rules_for(folder: Path) -> IgnoreRules:
    """Return the rules for a folder, including those of the git repository that contains it.

    If the repository ignores the folder, the owner named it on purpose, and only its own rules apply.
    """
    rules = IgnoreRules(folder, None)
    for parent in _repository_path(folder):
        rules = rules.inside(parent)
        if parent != folder and rules.ignores(folder, is_folder=True):
            return IgnoreRules(folder, None).inside(folder)
    return rules


def linear_regex(regex: str) -> re.Pattern[str]:
    r"""Compile an expression of pathspec that matches the same paths, in time linear in their length.

    Text between two `*` has a fixed length, and parts between two `**` a fixed number of folders, so the first
    match is as good as any later one: an atomic group commits to it. Otherwise a pattern with n `*` could
    backtrack 255^n times on a name of 255 characters. `fnmatch.translate` uses the same technique. As in git,
    brackets never match a slash, and a newline is an ordinary character.
    """
    slashless = _SLASHLESS.sub(lambda match: f"(?!/){match[1]}" if match[1] else match[0], regex)
    first, *others = _BETWEEN_STARS.sub(r"(?>[^/]*?\1)", slashless).split(_DEEP)
    if not others:
        return re.compile(first, re.DOTALL)
    if first.startswith(_LEADING):
        first = f"^(?>(?:.+?/)??{first.removeprefix(_LEADING)}(?=/))"
    between = "".join(f"(?>(?:/.+?)??{part}(?=/))" for part in others[:-1])
    return re.compile(f"{first}{between}{_DEEP}{others[-1]}", re.DOTALL)


def _repository_path(folder: Path) -> Iterator[Path]:
    """Yield the folders from the root of the repository down to `folder`; only `folder` outside a repository."""
    chain = [folder, *folder.parents]
    for depth, parent in enumerate(chain):
        if (parent / ".git").exists():
            yield from reversed(chain[: depth + 1])
            return
    yield folder


def _read_spec(folder: Path) -> tuple[GitIgnoreSpec | None, tuple[RejectedLine, ...]]:
    """Read a folder's `.gitignore`. As in git, an unreadable file has no rules."""
    try:
        data = read_regular(folder / FILE_NAME, MAX_IGNORE_FILE_BYTES)
    except TooLargeError as exc:
        return None, (RejectedLine(None, str(exc)),)
    except RejectedError:
        return None, ()
    patterns: list[GitIgnoreSpecPattern] = []
    rejected: list[RejectedLine] = []
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").splitlines(), 1):
        if number > MAX_IGNORE_LINES:
            rejected.append(RejectedLine(number, "only the lines before it are read"))
            break
        try:
            patterns.append(_pattern(line))
        except RejectedError as exc:
            rejected.append(RejectedLine(number, str(exc)))
    return GitIgnoreSpec(patterns), tuple(rejected)


def _pattern(line: str) -> GitIgnoreSpecPattern:
    """Return the pattern of a line. Raise RejectedError if it is invalid or too long."""
    if len(line) > MAX_IGNORE_PATTERN_LETTERS:
        raise RejectedError(f"it is longer than {MAX_IGNORE_PATTERN_LETTERS} characters")
    try:
        regex, include = GitIgnoreSpecPattern.pattern_to_regex(line)
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # about nested sets
            return GitIgnoreSpecPattern(None if regex is None else linear_regex(regex), include)
    except (ValueError, re.error) as exc:
        raise RejectedError("it is not a valid pattern") from exc
