"""Modules that JavaScript and TypeScript name outside of import statements: in types, AMD, and examples of comments.

modules_of_types("/** @type {import('next').NextConfig} */")         # ["next"]
modules_of_types("/** @import { Component } from 'svelte' */")       # ["svelte"]
modules_of_types("define(['jquery'], function ($) {})")              # ["jquery"]
modules_of_examples(" * import { of } from 'rxjs';")                 # ["rxjs"]
"""

import re
from collections.abc import Iterator
from typing import Final

_QUOTED: Final = r"""["']([^"'\n]{1,200})["']"""
_TYPE: Final = re.compile(rf"\bimport\(\s{{0,20}}{_QUOTED}\s{{0,20}}\)\.")
_TAG: Final = re.compile(rf"@import [^\"'\n]{{0,200}}\bfrom {{0,20}}{_QUOTED}")
_LIST: Final = re.compile(
    r"""\b(?:define|require)\(\s{0,20}(?:["'][^"'\n]{0,200}["'],\s{0,20})?\[([^\]]{1,500})\]"""
)
_EXAMPLE: Final = re.compile(
    rf"""(?m)^[ \t]{{0,80}}\*[ \t]{{1,40}}(?:import\b|(?:const|let|var)\b[^"'\n]{{0,100}}\brequire\()[^"'\n]{{0,200}}{_QUOTED}"""
)


def modules_of_types(text: str) -> list[str]:
    """Return the modules whose types comments take, and those that AMD loads."""
    return [one for one in dict.fromkeys(_named(text)) if not one.startswith(".")]


def _named(text: str) -> Iterator[str]:
    for pattern in (_TYPE, _TAG):
        yield from pattern.findall(text)
    for names in _LIST.findall(text):
        yield from re.findall(_QUOTED, names)


def modules_of_examples(text: str) -> list[str]:
    """Return the modules that the examples of doc comments import."""
    return [one for one in dict.fromkeys(_EXAMPLE.findall(text)) if not one.startswith(".")]
