"""The title and description of a content, made from the content itself.

    outline = outline_of(Subject("def parse_header(line): ..."))
    outline.title        # "Parse a header from the line"
    outline.description  # "Parses a header from the line. Takes line."

One describer per kind of content. Each is extractive: it takes words from the content, and adds only the verbs and
articles that a sentence needs.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from satchel.models.interface import Subject
from satchel.models.titles import (
    code_outlines,
    data_outlines,
    document_outlines,
    report_outlines,
    script_outlines,
)
from satchel.models.titles.content_kinds import file_name_of, kind_of
from satchel.models.titles.outline import Outline

DESCRIBERS: Final[Mapping[str, Callable[[str, str, str], Outline | None]]] = {
    "code": code_outlines.describe,
    "script": script_outlines.describe_script,
    "makefile": script_outlines.describe_makefile,
    "dockerfile": script_outlines.describe_dockerfile,
    "sql": script_outlines.describe_sql,
    "diff": report_outlines.describe_diff,
    "trace": report_outlines.describe_trace,
    "json": data_outlines.describe_json,
    "settings": data_outlines.describe_settings,
    "xml": data_outlines.describe_xml,
    "html": document_outlines.describe_html,
    "markdown": document_outlines.describe_markdown,
    "prose": document_outlines.describe_prose,
    "stylesheet": document_outlines.describe_stylesheet,
}
"""Each takes the text, its language and its file's name, and returns None if it finds nothing to say."""


@lru_cache(maxsize=2)
def outline_of(subject: Subject) -> Outline | None:
    """Return the outline of a content; None for images and for what says nothing about itself."""
    kind = kind_of(subject)
    if kind is None:
        return None
    return DESCRIBERS[kind.name](subject.text, kind.language, file_name_of(subject))
