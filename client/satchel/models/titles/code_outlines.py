"""Titles and descriptions of source code: from comments if there are any, else from the names of declarations."""

import re
from dataclasses import replace
from typing import Final

from satchel.models.parsing.declarations import Declaration, declarations_in
from satchel.models.titles.comments import docstring_in, early_comment, leading_comment, sentence_of_comment
from satchel.models.titles.facts import calls_in, facts_of, libraries_sentence
from satchel.models.titles.lexicon import word_set
from satchel.models.titles.names import noun, parts_of
from satchel.models.titles.outline import Outline, described, how_many, listed, titled
from satchel.models.titles.wording import capitalized, sentence_for

COMMENTED: Final = 0.8
NAMED: Final = 0.65
SEVERAL: Final = 0.55
CALLED: Final = 0.35
_LEAST_SHARE: Final = 0.5  # of the lines, that makes a declaration the main one


def describe(text: str, language: str, file_name: str) -> Outline | None:
    """Describe code by its main declaration, by several of the same weight, or by what it calls."""
    declarations = declarations_in(text, language)
    top = _outermost(declarations)
    main = _main(top, text)
    comment = leading_comment(text)
    specified = _specified(text) if language in ("javascript", "typescript") else ""
    libraries = libraries_sentence(text, language)
    if main is not None and not specified:
        return _of_declaration(main, declarations, comment, libraries, language)
    if comment:
        return Outline(
            titled(comment), described(comment, _contents(top), libraries), COMMENTED, "its first comment"
        )
    if specified:
        return Outline(titled(specified), described(specified, libraries), SEVERAL, "the names of its tests")
    if top:
        return _of_several(top, libraries, file_name)
    return _of_statements(text, libraries)


_SPECIFIED: Final = re.compile(
    r"^[ \t]{0,12}(?P<kind>describe|suite|test|it)(?:\.\w{1,20})?\([ ]?[\"'`](?P<name>[^\"'`\n]{2,80})[\"'`]",
    re.MULTILINE,
)


def _specified(text: str) -> str:
    """Return what the tests of a JavaScript file are about: "Tests of the parser"; empty without tests."""
    found = [(match["kind"], match["name"].strip()) for match in _SPECIFIED.finditer(text[:_TESTS_CHARS])]
    if not found:
        return ""
    groups = [name for kind, name in found if kind in ("describe", "suite")]
    if groups:
        return f"Tests of {groups[0]}"
    if len(found) == 1:
        kind, name = found[0]
        return f"Test that it {name.removeprefix('should ')}" if kind == "it" else f"Test {name}"
    return f"Tests: {listed([name for _, name in found], 2)}"


_TESTS_CHARS: Final = 16_384


def _outermost(declarations: list[Declaration]) -> list[Declaration]:
    least = min((one.indent for one in declarations), default=0)
    return [one for one in declarations if one.indent == least and not (one.owner and one.kind != "function")]


def _main(top: list[Declaration], text: str) -> Declaration | None:
    if len(top) <= 1:
        return top[0] if top else None
    wanted = [
        one for one in top if not one.name.startswith("_") and one.name != "main" and one.kind != "test"
    ]
    if len(wanted) == 1:
        return wanted[0]
    lines = text.count("\n") + 1
    largest = max(wanted or top, key=lambda one: one.end - one.line)
    return largest if (largest.end - largest.line + 1) >= _LEAST_SHARE * lines else None


def _of_declaration(
    main: Declaration, declarations: list[Declaration], comment: str, libraries: str, language: str
) -> Outline:
    own = sentence_of_comment(docstring_in(main.body)) or sentence_of_comment(main.comment) or comment
    said = own or sentence_of(main, declarations)
    facts = facts_of(main, language, said) if main.kind == "function" else _members(main, declarations)
    if own:
        return Outline(
            titled(own), described(own, facts, libraries), COMMENTED, f"the comment of {main.name}"
        )
    confidence = NAMED if len(parts_of(main.name)) > 1 else NAMED - 0.1
    title = said.removesuffix(" of the object") if said.startswith("Return ") else said
    return Outline(titled(title), described(said, facts, libraries), confidence, f"the name of {main.name}")


def sentence_of(main: Declaration, declarations: list[Declaration]) -> str:
    """Return what a declaration is or does, as a sentence without its period."""
    if main.kind in ("function", "test"):
        if main.name[:1].isupper() and re.search(r"(?:return|=>)\s*\(?\s*<[A-Za-z>]", main.body):
            return f"{capitalized(noun(main.name))} component"
        return sentence_for(main) or main.name
    return _class_phrase(main, declarations)


def _class_phrase(main: Declaration, declarations: list[Declaration]) -> str:
    words = capitalized(noun(main.name)) or main.name
    if main.name.endswith(("Error", "Exception")):
        return f"{words} exception" if main.name.endswith("Error") and words.count(" ") == 0 else words
    if main.kind in ("interface", "enum", "struct"):
        return words if words.lower().endswith(main.kind) else f"{words} {main.kind}"
    methods = [one.name for one in declarations if one.owner == main.name and _is_public(one)]
    if main.name.startswith("Test") or main.name.endswith(("Test", "Tests", "TestCase")):
        return f"Tests of {noun(main.name.removeprefix('Test').removesuffix('Case').removesuffix('s').removesuffix('Test')) or 'a class'}"
    verbs = [noun(one) for one in methods if len(parts_of(one)) == 1 and not one.startswith("_")]
    if verbs and len(verbs) * 2 >= len(methods):
        return f"{words} class with {listed(verbs)}"
    return f"{words} class"


def _is_public(declaration: Declaration) -> bool:
    return not declaration.name.startswith(("_", "~")) and declaration.name not in (
        declaration.owner,
        "constructor",
    )


def _members(main: Declaration, declarations: list[Declaration]) -> str:
    methods = [one.name for one in declarations if one.owner == main.name and _is_public(one)]
    sentences = []
    if main.bases:
        sentences.append(f"Extends {listed(main.bases)}.")
    if len(methods) > 1:
        sentences.append(f"Has the methods {listed(methods, 5)}.")
    return " ".join(sentences)


def _of_several(top: list[Declaration], libraries: str, file_name: str) -> Outline:
    tests = [one for one in top if one.kind == "test"]
    if len(tests) * 2 > len(top):
        about = (
            noun(re.sub(r"^test_?|[_.]?(?:test|spec)?\.\w+$", "", file_name, flags=re.IGNORECASE))
            if file_name
            else ""
        )
        rest = sentence_for(tests[0]).removeprefix("Test ")
        return Outline(
            titled(f"Tests of {about or rest}"),
            described(_contents(top), libraries),
            SEVERAL,
            "the names of its tests",
        )
    wanted = [one for one in top if not one.name.startswith("_") and one.name != "main"] or top
    about = _telling_stem(file_name)
    if about and len(wanted) > 2:
        title = f"{about}: {listed([one.name for one in wanted], 2)}"
        return Outline(
            titled(title),
            described(title, _contents(top), libraries),
            SEVERAL,
            "its file name and its declarations",
        )
    phrases = [short_sentence(one) for one in wanted]
    first, *others = list(dict.fromkeys(phrase for phrase in phrases if phrase)) or [file_name or "Code"]
    title = listed([first, *(one if one[:2].isupper() else one[:1].lower() + one[1:] for one in others)], 2)
    return Outline(
        titled(title), described(title, _contents(top), libraries), SEVERAL, "the names of its functions"
    )


_TELLS_NOTHING: Final = word_set(
    "index main init utils util helpers helper common types lib mod app models base core api"
)


def _telling_stem(file_name: str) -> str:
    """Return the name of a file as a noun; empty if it tells nothing, such as "index.js"."""
    stem = file_name.partition(".")[0].strip("_")
    return "" if stem.lower() in _TELLS_NOTHING or len(stem) < 3 else capitalized(noun(stem))


def short_sentence(declaration: Declaration) -> str:
    """Return what a declaration does in few words, without its parameters."""
    if declaration.kind not in ("function", "test"):
        return f"{capitalized(noun(declaration.name))} {declaration.kind}"
    return sentence_for(
        replace(declaration, parameters=declaration.parameters[:1], is_method=False, owner="")
    )


def _contents(top: list[Declaration]) -> str:
    functions = [one.name for one in top if one.kind == "function"]
    classes = [one.name for one in top if one.kind not in ("function", "test")]
    tests = [one for one in top if one.kind == "test"]
    parts = []
    if classes:
        parts.append(f"{'the class' if len(classes) == 1 else 'the classes'} {listed(classes)}")
    if functions:
        parts.append(f"{'the function' if len(functions) == 1 else 'the functions'} {listed(functions, 4)}")
    if tests:
        parts.append(how_many(len(tests), "test"))
    return f"Has {listed(parts)}." if parts else ""


def _of_statements(text: str, libraries: str) -> Outline | None:
    calls = calls_in(text)
    comment = early_comment(text)
    if comment:
        more = f"Calls {listed(calls, 5)}" if calls else ""
        return Outline(titled(comment), described(comment, more, libraries), SEVERAL, "its first comment")
    if not calls:
        return None
    title = f"Use {listed(calls)}"
    return Outline(
        titled(title), described(f"Calls {listed(calls, 5)}", libraries), CALLED, "the functions it calls"
    )
