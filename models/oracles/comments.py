"""Made-up comments of several lines, in the style of a language: licences, explanations, documentation of parameters."""

from collections.abc import Mapping
from random import Random
from typing import Final

from models.oracles.lexicon import NAMES, NOUNS, PLAIN, camel, words_of_identifier
from models.oracles.prose import paragraph, sentence, short_sentence, wrapped

# The first line, the lead of each further line, and the last line; `tag` leads a documented parameter.
_Style = tuple[str, str, str]
_SLASHES: Final[_Style] = ("", "// ", "")
_STARS: Final[_Style] = ("/*", " * ", " */")
_DOC: Final[_Style] = ("/**", " * ", " */")
_HASHES: Final[_Style] = ("", "# ", "")
_DASHES: Final[_Style] = ("", "-- ", "")
_PERCENTS: Final[_Style] = ("", "% ", "")
_SEMICOLONS: Final[_Style] = ("", "; ", "")
_TAGS: Final[_Style] = ("<!--", "  ", "-->")
_C_LIKE: Final = (_SLASHES, _STARS, _DOC, _DOC)

STYLES: Final[Mapping[str, tuple[_Style, ...]]] = {
    **dict.fromkeys(
        ("javascript", "typescript", "java", "c", "cpp", "kotlin", "php", "groovy", "scala"), _C_LIKE
    ),
    **dict.fromkeys(("swift", "objective-c", "dart"), (_SLASHES, _SLASHES, ("", "/// ", ""), _STARS)),
    **dict.fromkeys(("rust", "csharp", "fsharp", "zig"), (_SLASHES, ("", "/// ", ""))),
    **dict.fromkeys(("go", "protobuf"), (_SLASHES, _SLASHES, _STARS)),
    "scss": (_SLASHES, _STARS),
    "css": (_STARS,),
    **dict.fromkeys(
        ("python", "ruby", "bash", "make", "cmake", "docker", "yaml", "toml", "perl"), (_HASHES,)
    ),
    **dict.fromkeys(("julia", "elixir", "terraform", "graphql", "nginx", "nix", "properties"), (_HASHES,)),
    "powershell": (_HASHES, ("<#", "", "#>")),
    "r": (_HASHES, ("", "#' ", ""), ("", "#' ", "")),
    "sql": (_DASHES, _DASHES, _STARS),
    "lua": (_DASHES, ("", "--- ", ""), ("--[[", "", "]]")),
    "haskell": (_DASHES, ("{-", "", "-}"), ("{- |", "  ", "-}")),
    "erlang": (("", "%% ", ""), ("", "%%% ", "")),
    "tex": (_PERCENTS,),
    "clojure": (("", ";; ", ""), ("", ";; ", "")),
    "ini": (_SEMICOLONS, _HASHES),
    "ocaml": (("(*", "   ", "*)"), ("(**", "    ", "*)")),
    "vim": (("", '" ', ""),),
    "bat": (("", "REM ", ""), ("", ":: ", "")),
    "html": (_TAGS,),
    "xml": (_TAGS,),
    "asm": (_SEMICOLONS,),
    "common-lisp": (("", ";; ", ""), ("", ";;; ", "")),
    "fortran": (("", "! ", ""),),
    "matlab": (_PERCENTS,),
    "pascal": (("{", "  ", "}"), _SLASHES),
    "vb.net": (("", "' ", ""),),
    "verilog": (_SLASHES, _STARS),
    "solidity": (_SLASHES, _DOC),
    "emacs-lisp": (("", ";; ", ""), ("", ";; ", "")),
    "tcl": (_HASHES,),
    "d": (_SLASHES, _DOC),
    "scheme": (("", ";; ", ""),),
}


def comment(language: str, random: Random) -> str:
    """Return a comment of some lines; empty for a language without comments."""
    styles = STYLES.get(language)
    if not styles:
        return ""
    first, lead, last = random.choice(styles)
    text = random.choice((_licence, _explanation, _explanation, _documentation))(random)
    lines = [f"{lead}{line}".rstrip() for line in text.split("\n")]
    return "\n".join(line for line in (first, *lines, last) if line)


def _licence(random: Random) -> str:
    who = f"{random.choice(NAMES)} {random.choice(NOUNS).capitalize()}"
    start = f"Copyright (c) {random.randint(1990, 2030)} {who}"
    body = "\n\n".join(wrapped(paragraph(random), 74) for _ in range(random.randint(1, 3)))
    if random.random() < 0.3:
        body += "\n\n" + wrapped(paragraph(random).upper(), 74)
    return f"{start}\n\n{body}" if random.random() < 0.7 else body


def _explanation(random: Random) -> str:
    return wrapped(paragraph(random), random.choice((60, 72, 78, 90)))


def _documentation(random: Random) -> str:
    lines = [sentence(random), ""]
    for _ in range(random.randint(1, 4)):
        name = camel(words_of_identifier(random))
        kind = random.choice(("String", "number", "Object", "int", "boolean", "Function"))
        lines.append(
            random.choice(
                (
                    f"@param {name} {short_sentence(random)}",
                    f"@param {{{kind}}} {name} {short_sentence(random)}",
                    f"@return {short_sentence(random)}",
                    f"@see {PLAIN['url'](random)}",
                    f"@since {PLAIN['version'](random)}",
                    f"* `{name}`: {sentence(random)}",
                    f"{name} - {sentence(random)}",
                    f"@category {random.choice(NOUNS).capitalize()}",
                    "@example",
                )
            )
        )
    return "\n".join(lines)
