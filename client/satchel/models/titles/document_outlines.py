"""Titles and descriptions of documents: Markdown, HTML, notes, style sheets."""

import html
import re
from typing import Final

from satchel.models.titles.comments import leading_comment
from satchel.models.titles.lexicon import word_set
from satchel.models.titles.outline import Outline, described, first_sentence, listed, one_line, titled

HEADED: Final = 0.85
FIRST_SENTENCE: Final = 0.5
_EXAMINED: Final = 16_384
_HEADING: Final = re.compile(r"^#{1,6}[ \t]+(?P<text>[^\n]{1,200})$", re.MULTILINE)
_UNDERLINED: Final = re.compile(r"^(?P<text>[^\n]{2,120})\n(?:={3,}|-{3,}|~{3,})[ \t]*$", re.MULTILINE)
_FRONT_TITLE: Final = re.compile(r"\A---\n(?:[^\n]{0,200}\n){0,20}?title:[ \t]*(?P<text>[^\n]{1,120})\n")
_FRONT_MATTER: Final = re.compile(r"\A---\n(?:(?!---)[^\n]{0,300}\n){0,60}---[ \t]*(?:\n|$)")
_INLINE: Final = re.compile(
    r"!\[[^\]\n]{0,200}\]\([^)\n]{0,300}\)|\[(?P<text>[^\[\]\n]{1,200})\](?:\([^)\n]{0,300}\)|\[[^\]\n]{0,60}\])"
)
_NOT_PROSE: Final = re.compile(r"[ \t]*(?:#{1,6}\s|[|>!<\[]|```|~~~|---|===|\.\.|:|[-*+]\s|\d+[.)]\s)")


def describe_markdown(text: str, language: str, file_name: str) -> Outline | None:
    """Describe Markdown or reStructuredText by its first heading and first paragraph."""
    text = text[:_EXAMINED]
    found = [
        match
        for match in (_FRONT_TITLE.search(text), _HEADING.search(text), _UNDERLINED.search(text))
        if match
    ]
    paragraph = _first_paragraph(_FRONT_MATTER.sub("", text, count=1))
    sentence = first_sentence(_plain(paragraph))
    if not found:
        return describe_prose(text, language, file_name)
    heading = min(found, key=lambda match: match.start())
    title = _plain(heading["text"]).strip("#\"' ")
    if not any(char.isalnum() for char in title):
        return describe_prose(text, language, file_name)
    return Outline(titled(title), described(sentence or _sections(text)), HEADED, "its heading")


def _sections(text: str) -> str:
    found = [_plain(match["text"]).strip("# ") for match in _HEADING.finditer(text)][1:]
    return f"Sections: {listed(found, 4)}" if found else ""


def _first_paragraph(text: str) -> str:
    lines: list[str] = []
    is_fenced = False
    for line in text.splitlines()[:200]:
        if line.lstrip().startswith(("```", "~~~")):
            is_fenced = not is_fenced
        is_prose = (
            bool(line.strip())
            and not is_fenced
            and not _NOT_PROSE.match(line)
            and bool(re.search(r"[^\W\d_]{2}", line))
        )
        if is_prose and not _UNDERLINED.match(f"{line}\n---"[: len(line)]):
            lines.append(line)
        elif lines and (len(lines) > 1 or len(lines[0].split()) > 3):
            break
        else:
            lines = []
    return " ".join(lines)


def _plain(text: str) -> str:
    """Remove the markup of a line of Markdown."""
    text = _INLINE.sub(lambda match: match["text"] or "", text[:4_096])
    text = re.sub(r"<[^<>\n]{1,200}>|\*\*|__|``?|:[a-z]{2,12}:(?=`)", "", text)
    return one_line(html.unescape(text))


_TITLE: Final = re.compile(r"<title[^>]{0,200}>(?P<text>[^<]{1,300})<", re.IGNORECASE)
_HTML_HEADING: Final = re.compile(r"<h[1-3][^>]{0,200}>(?P<text>[^<]{1,300})<", re.IGNORECASE)
_META: Final = re.compile(
    r"<meta[^>]{0,200}name=[\"']description[\"'][^>]{0,100}content=[\"'](?P<text>[^\"']{1,400})",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"<(?P<name>[a-z][a-z0-9-]{0,30})[\s/>]", re.IGNORECASE)
_PLAIN_TAGS: Final = word_set(
    "html head body div span p br hr meta link script style title li a b i em strong td tr thead tbody small"
)


def describe_html(text: str, language: str, file_name: str) -> Outline | None:  # noqa: ARG001
    """Describe HTML by its title, its heading, or its elements."""
    text = text[:_EXAMINED]
    found = _TITLE.search(text) or _HTML_HEADING.search(text)
    about = _META.search(text)
    tags = [match["name"].lower() for match in _TAG.finditer(text)][:400]
    telling = [_ELEMENTS.get(tag, tag) for tag in dict.fromkeys(tags) if tag not in _PLAIN_TAGS]
    sentence = html.unescape(about["text"]) if about else f"HTML with {listed(telling, 5)}" if telling else ""
    title = one_line(html.unescape(found["text"])) if found else ""
    if title and "{" not in title:
        return Outline(
            titled(title), described(sentence), HEADED, "its title" if _TITLE.search(text) else "its heading"
        )
    comment = leading_comment(text)
    if comment:
        return Outline(titled(comment), described(comment, sentence), HEADED - 0.1, "its first comment")
    return (
        Outline(titled(f"HTML with {listed(telling, 3)}"), described(sentence), 0.4, "its elements")
        if telling
        else None
    )


_ELEMENTS: Final = {
    "ul": "a list",
    "ol": "a list",
    "table": "a table",
    "form": "a form",
    "img": "images",
    "nav": "a navigation bar",
    "input": "inputs",
    "button": "buttons",
    "video": "a video",
    "section": "sections",
    "h1": "a heading",
    "h2": "headings",
    "h3": "headings",
    "header": "a header",
    "footer": "a footer",
    "main": "a main part",
    "article": "an article",
    "label": "labels",
    "select": "a choice",
    "option": "options",
    "svg": "a drawing",
    "canvas": "a canvas",
    "pre": "code",
    "code": "code",
    "th": "a table",
    "textarea": "a text box",
}


def describe_prose(text: str, language: str, file_name: str) -> Outline | None:  # noqa: ARG001
    """Describe a note by its first line, and its first two sentences."""
    lines = [one_line(line) for line in text[:_EXAMINED].splitlines()[:200]]
    lines = [line.lstrip("#>*-•=~ \t").strip() for line in lines if any(char.isalnum() for char in line)]
    if not lines:
        return None
    if len(lines) == 1 and re.fullmatch(r"https?://\S+", lines[0]):
        return Outline(
            titled(f"Link to {re.sub(r'^https?://(?:www[.])?', '', lines[0]).rstrip('/')}"),
            "",
            FIRST_SENTENCE,
            "its link",
        )
    first = lines[0]
    is_heading = len(first) <= 60 and first[-1] not in ".!?,;" and len(lines) > 1
    rest = " ".join(lines[1:] if is_heading else lines)
    sentence = first_sentence(rest)
    title = first if is_heading else first_sentence(" ".join(lines))
    description = described(sentence, first_sentence(rest[len(sentence) :]))
    return Outline(
        titled(title),
        description if description.rstrip(".") != title.rstrip(".") else "",
        FIRST_SENTENCE,
        "its first line" if is_heading else "its first sentence",
    )


_SELECTOR: Final = re.compile(r"^[ \t]{0,20}(?P<text>[.#@:a-zA-Z\[*][^{};\n]{0,120})[ \t]*\{", re.MULTILINE)


def describe_stylesheet(text: str, language: str, file_name: str) -> Outline | None:  # noqa: ARG001
    """Describe a style sheet by its comment, or by its selectors."""
    text = text[:_EXAMINED]
    selectors = [
        one_line(match["text"])
        for match in _SELECTOR.finditer(text)
        if not match["text"].startswith(("@media", "from", "to"))
    ]
    comment = leading_comment(text)
    sentence = (
        f"{'SCSS' if language == 'scss' else 'CSS'} rules for {listed(selectors, 5)}" if selectors else ""
    )
    if comment:
        return Outline(titled(comment), described(comment, sentence), 0.75, "its first comment")
    if not selectors:
        return None
    words = [
        re.sub(r"[.#:&>+~\[].*$", "", one.lstrip(".#&").replace("-", " ")).strip() or one for one in selectors
    ]
    return Outline(titled(f"Styles of {listed(words)}"), described(sentence), 0.5, "its selectors")
