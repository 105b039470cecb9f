r"""The language of a text that states it: a shebang, a modeline, a declaration, JSON that parses.

certain("#!/usr/bin/env python3\n")     # Told("python", "the shebang line")
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from satchel.pieces.languages import BY_ALIAS

_INTERPRETERS: Final[Mapping[str, str]] = {
    "node": "javascript",
    "deno": "typescript",
    "bun": "javascript",
    "rscript": "r",
    "escript": "erlang",
    "runghc": "haskell",
    "runhaskell": "haskell",
    "stack": "haskell",
    "osascript": "applescript",
    "tclsh": "tcl",
    "wish": "tcl",
    "pypy": "python",
    "dash": "bash",
    "pwsh": "powershell",
    "bb": "clojure",
    "nextflow": "groovy",
    "iex": "elixir",
    "guile": "scheme",
    "sbcl": "common-lisp",
    "dotnet": "fsharp",
    "gmake": "make",
}
_OPENINGS: Final = (
    ("<?php", "php"),
    ("<?xml", "xml"),
    ("<!doctype html", "html"),
    ("<html", "html"),
    ("diff --git ", "diff"),
    ("\\documentclass", "tex"),
    ("@echo off", "bat"),
    ("cmake_minimum_required(", "cmake"),
    ('syntax = "proto', "protobuf"),
    ("%yaml", "yaml"),
    ("-module(", "erlang"),
    ("# syntax=docker", "docker"),
    ("# syntax = docker", "docker"),
)
_MODELINE: Final = re.compile(
    r"(?:\bvim?|\bex):[ \t]*(?:set?[ \t]+)?[^\n]{0,80}?\b(?:ft|filetype|syntax)=(?P<vim>[\w+#-]{1,30})"
    r"|-\*-[ \t]*(?:[^\n]{0,80}?mode:[ \t]*)?(?P<emacs>[\w+#-]{1,30})[^\n:]{0,80}-\*-",
    re.IGNORECASE,
)
_HUNK: Final = re.compile(r"^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@", re.MULTILINE)
_DIFF_FILES: Final = re.compile(r"^--- \S.*\n\+\+\+ \S", re.MULTILINE)
_ADDRESS: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{1,12}://|mailto:|www\.)\S+")
_JSON_CHARS: Final = 65_536


@dataclass(frozen=True, slots=True)
class Told:
    """A language, and what tells it."""

    language: str
    reason: str


def certain(text: str) -> Told | None:
    """Return the language that a text itself states, or None. Takes time in proportion to the text."""
    body = text.lstrip("\ufeff \t\r\n")
    return _shebang(body) or _opening(body) or _modeline(body) or _diff(body) or _json(body)


def only_addresses(text: str) -> bool:
    """Return whether every word of a text is the address of a page: that is no code, whatever it looks like."""
    return all(_ADDRESS.fullmatch(word) for word in text.split())


def _shebang(text: str) -> Told | None:
    if not text.startswith("#!"):
        return None
    words = text[2:200].partition("\n")[0].split()
    names = [word.rpartition("/")[2] for word in words if "=" not in word and not word.startswith("-")]
    if names and names[0] == "env":
        names = names[1:]
    if not names:
        return None
    name = names[0].casefold().rstrip("0123456789.")
    language = _INTERPRETERS.get(name) or BY_ALIAS.get(name)
    return Told(language, "the shebang line") if language else None


def _opening(text: str) -> Told | None:
    start = text[:64].casefold()
    for opening, language in _OPENINGS:
        if start.startswith(opening):
            if language == "xml" and "<html" in text[:1024].casefold():
                return Told("html", "an XHTML document")
            return Told(language, f"starts with {opening.strip()}")
    return None


def _modeline(text: str) -> Told | None:
    for found in (_MODELINE.search("\n".join(text[:500].split("\n")[:3])), _MODELINE.search(text[-300:])):
        if found:
            language = BY_ALIAS.get((found["vim"] or found["emacs"]).casefold())
            if language:
                return Told(language, "a modeline of an editor")
    return None


def _diff(text: str) -> Told | None:
    start = text[:4096]
    return (
        Told("diff", "lines of a diff")
        if _HUNK.search(start) and (_DIFF_FILES.search(start) or start.startswith("@@"))
        else None
    )


def _json(text: str) -> Told | None:
    stripped = text.rstrip()
    if (
        not stripped
        or len(stripped) > _JSON_CHARS
        or stripped[0] + stripped[-1] not in ("{}", "[]")
        or '"' not in stripped
    ):
        return None
    try:
        json.loads(stripped)
    except (ValueError, RecursionError):
        return None
    return Told("json", "the whole is valid JSON")
