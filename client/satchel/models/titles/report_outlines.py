"""Titles and descriptions of what programs report: diffs and stack traces."""

import re
from pathlib import PurePosixPath
from typing import Final

from satchel.models.titles.outline import Outline, described, how_many, listed, one_line, titled

REPORTED: Final = 0.75
_EXAMINED: Final = 65_536
_FILE: Final = re.compile(
    r"^(?:diff --git a/(?P<git>\S{1,200}) b/|\+\+\+ (?:b/)?(?P<plain>[^\t\n]{1,200})|Index: (?P<index>\S{1,200}))",
    re.MULTILINE,
)
_ADDED: Final = re.compile(r"^\+(?!\+\+)", re.MULTILINE)
_REMOVED: Final = re.compile(r"^-(?!--)", re.MULTILINE)
_SUBJECT: Final = re.compile(r"^Subject: (?:\[PATCH[^\]\n]{0,40}\] )?(?P<text>[^\n]{1,200})", re.MULTILINE)
_HUNK: Final = re.compile(r"^@@ [^@\n]{1,60}@@ (?P<text>[^\n]{3,100})", re.MULTILINE)


def describe_diff(text: str, language: str, file_name: str) -> Outline | None:  # noqa: ARG001
    """Describe a diff by its subject, or by the files and functions it changes."""
    text = text[:_EXAMINED]
    paths = list(dict.fromkeys(next(filter(None, match.groups())) for match in _FILE.finditer(text)))
    paths = [path for path in paths if path != "/dev/null"]
    names = [PurePosixPath(path).name or path for path in paths]
    added, removed = len(_ADDED.findall(text)), len(_REMOVED.findall(text))
    counts = f"{how_many(added, 'line')} added, {how_many(removed, 'line')} removed"
    subject = _SUBJECT.search(text)
    where = [one_line(match["text"]) for match in _HUNK.finditer(text)]
    title = (
        subject["text"]
        if subject
        else f"Changes of {listed(names)}"
        if names
        else f"Changes in {where[0]}"
        if where
        else "Changes"
    )
    return Outline(
        titled(title),
        described(f"Diff of {listed(paths, 4) or 'a file'}: {counts}", f"In {where[0]}" if where else ""),
        REPORTED if names or subject else 0.4,
        "the files it changes",
    )


_ERROR: Final = re.compile(
    r"^(?:Exception in thread \"[^\"\n]{0,80}\" |Caused by: |Unhandled exception[.:]? |Uncaught |error: |E\s{1,4})?"
    r"(?P<name>(?:[A-Za-z_]\w{0,60}\.){0,8}[A-Z]\w{0,60}(?:Error|Exception|Warning|Exit|Interrupt|Failure|Fault|Timeout)|panic|[A-Z]\w{0,40}Error)"
    r"(?:: ?(?P<message>[^\n]{0,300}))?$",
    re.MULTILINE,
)
_PANIC: Final = re.compile(r"thread '(?P<thread>[^'\n]{0,80})' panicked at '?(?P<message>[^'\n]{1,200})")
_FRAME: Final = re.compile(
    r"^[ \t]*(?:File \"(?P<python>[^\"\n]{1,300})\", line \d{1,7}, in (?P<function>[\w<>.]{1,80})|"
    r"at (?P<java>[\w.$<>/]{2,160})[ ]?\((?P<where>[^()\n]{1,200})\))",
    re.MULTILINE,
)


def describe_trace(text: str, language: str, file_name: str) -> Outline | None:  # noqa: ARG001
    """Describe a stack trace by its error, its message, and where it was raised."""
    text = text[:_EXAMINED]
    errors = list(_ERROR.finditer(text))
    panic = _PANIC.search(text)
    if panic:
        return Outline(
            titled(f"Panic: {panic['message']}"),
            described(f"Panic in thread {panic['thread']}"),
            REPORTED,
            "its message",
        )
    frames = list(_FRAME.finditer(text))
    if not errors:
        return Outline("Stack trace", "", 0.3, "its form") if frames else None
    is_python = "Traceback (most recent call last)" in text
    error = errors[-1] if is_python else errors[0]
    name = error["name"].rpartition(".")[2]
    message = one_line(error["message"] or "")
    title = f"{name}: {message}" if message else name
    return Outline(
        titled(title),
        described(f"Stack trace of {name}{_where(frames, is_python=is_python)}"),
        REPORTED,
        "its error",
    )


def _where(frames: list[re.Match[str]], *, is_python: bool) -> str:
    if not frames:
        return ""
    frame = frames[-1] if is_python else frames[0]
    if frame["python"]:
        return (
            f" raised in {frame['function']} of {PurePosixPath(frame['python'].replace(chr(92), '/')).name}"
        )
    return f" raised in {frame['java'].rpartition('/')[2]}"
