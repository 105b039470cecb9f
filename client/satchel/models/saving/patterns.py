"""Line patterns that distinguish examples from parts of a program. Each is linear in the length of a line."""

import re
from typing import Final

CONTINUES: Final = re.compile(
    r"(?:[)\]}.,;:?&|+*/=]|-[^-\w]|->|else\b|elif\b|elsif\b|except\b|rescue\b|catch\b|finally\b|and\b|or\b|case\b|return\b|break\b"
    r"|end\b|done\b|fi\b|continue\b|raise\b|throw\b)"
)
UNFINISHED: Final = re.compile(
    r"(?:[,(\[{=+&|\\]|[\w)] ?[:.]|=>|->|\b(?:and|or|in|not|return|else|then|do))$"
)
IMPORT: Final = re.compile(
    r"(?:import\b|from \S+ import|(?:const|let|var) .{0,200}require\(|use [\w:\\]|using [\w.]+;|#include|require ['\"(]|library\("
    r"|alias [A-Z]|@import|\(require|\(ns |open [A-Z]|extern crate|package [\w.]+)"
)
COMMAND: Final = re.compile(
    r"(?:\$ |> |% |# )?(?:npm|npx|yarn|pnpm|bun|deno|pip3?|pipx|uv|poetry|python3?|node|go|cargo|rustup|docker|docker-compose|git|curl|wget"
    r"|apt|apt-get|brew|make|cmake|sudo|cd|gem|bundle|rails|mix|composer|php|dotnet|mvn|gradle|kubectl|helm|mkdir|cp|mv|echo|export|source"
    r"|\./[\w.-]+|ls|cat|java|javac|gcc|conda|dart|flutter|swift|ruby|rake|lein|stack|cabal|opam|nix|nix-\w+|terraform|sqlc|ssh|tar)"
    r"(?: |$)(?![=(:])"
)
PROMPT: Final = re.compile(r"(?:\$ |>>> |\.\.\. |irb|iex|> |In \[|user=>|julia> |ghci> |scala> |% )")
CALL: Final = re.compile(
    r"(?:(?:const|let|var|auto|await|val|my|final)\s+)?[\w.$:>-]{1,80}(?:\s*[:=]+\s*[\w.$: ]{1,80})?[(!]"
)
DECLARES: Final = re.compile(
    r"(?:export |default |public |private |protected |internal |static |final |abstract |async |pub(?:\(\w+\))? |inline |virtual |override |unsafe |open |data |sealed )*"
    r"(?:def|fn|func|function|class|struct|interface|enum|trait|impl|module|type|namespace|fun|sub|defp?|defmodule|defmacro|describe|object|record|protocol|extension)\b"
)
METHOD: Final = re.compile(
    r"(?:public|private|protected|internal|static|override|virtual|async|get|set|constructor|@Override|\w[\w<>\[\], *&:]{0,60} [\w:~]{1,60}\([^;=]{0,120}\)(?: const)?(?: noexcept)?(?: throws [\w, ]+)?) ?\{?$"
)
RESULT: Final = re.compile(
    r"(?://|#|--|;;?|%)\s*(?:=>|->|==>|prints?\b|outputs?\b|returns?\b|result|error\b)|console\.log\(|\bprint(?:ln|f)?[!(]|\bputs \b|\becho\b|std::cout"
)
ELLIPSIS: Final = re.compile(r"(?:(?://|#|--|;+|/\*|<!--)?\s*(?:\.{3,}|…).{0,30})$|[(\[{,] ?\.\.\. ?[)\]}]")
PLACEHOLDER: Final = re.compile(
    r"\b(?:foo|bar|baz|qux|example|examples|hello|world|my\w*|My\w+|your\w*|john|jane|alice|bob|doe|lorem|ipsum|acme|demo|user|users|todo|path/to|some\w*)\b|example\.(?:com|org|net)|localhost|127\.0\.0\.1",
    re.IGNORECASE,
)
PRIVATE: Final = re.compile(
    r"\b(?:self|this|cls|super|base)\b|\b_\w+\b|\b__\w+__\b|@Override|\bprotected\b|\bprivate\b|\b[a-z]\w*_t\b|\bm_\w+|\b[A-Z][A-Z0-9]+_[A-Z0-9_]+\b"
)
DOCUMENTS: Final = re.compile(
    r"@(?:param|returns?|throws|type|see|since|deprecated|private|brief|template)\b|:param|:returns?:|:rtype:|///|//!|^\s*\* |^\s*/\*\*|\"\"\"|'''|<summary>|@doc\b|#'"
)
OWN_MODULE: Final = re.compile(
    r"(?:from|import|require\(?|use|load|include) *\(?['\"](?:\.{1,2}/|@/|~/)|from \.|#include \"|\b(?:crate|super)::|require_relative"
)
EXPORT: Final = re.compile(
    r"(?:module\.)?exports?\b|pub\b|__all__\b|public\b|@Override|\(provide\b|namespace\b"
)
TEST: Final = re.compile(
    r"\b(?:assert\w*|expect|describe|it|should|test|EXPECT_\w+|ASSERT_\w+|CHECK\w*|REQUIRE\w*|refute|XCTAssert\w*|deftest|is)\s?[(!.\"']|#\[test|@Test\b|\bassert\b"
)
LICENCE: Final = re.compile(r"copyright|licensed under|SPDX-|all rights reserved", re.IGNORECASE)
COMMENT: Final = re.compile(r"//|/\*|\*/|\*(?:\s|$)|--\s|#(?:[\s#!*:-]|$)|;;|<!--|%\s|\"\"\"|'''")
WORDS: Final = re.compile(r"[\w$]+")
BRACKETS: Final = re.compile(r"[()\[\]{}]")
BARE_CALL: Final = re.compile(r"(?<![\w$.:>])([A-Za-z_$][\w$]{0,80})(?=\()")
KNOWN_CALLS: Final = frozenset(
    [
        "if",
        "for",
        "while",
        "switch",
        "return",
        "catch",
        "function",
        "print",
        "println",
        "printf",
        "sizeof",
        "len",
        "range",
        "str",
        "int",
        "float",
        "list",
        "dict",
        "set",
        "tuple",
        "type",
        "super",
        "isinstance",
        "open",
        "require",
        "import",
        "map",
        "filter",
        "zip",
        "enumerate",
        "sorted",
        "sum",
        "min",
        "max",
        "any",
        "all",
        "assert",
        "describe",
        "it",
        "test",
        "expect",
        "defined",
        "new",
        "await",
        "typeof",
        "foreach",
        "isset",
        "array",
        "echo",
        "make",
        "append",
        "panic",
        "string",
        "and",
        "or",
        "not",
        "in",
        "elif",
        "with",
        "fn",
        "func",
        "def",
        "match",
    ]
)
DATA: Final = frozenset(
    [
        "json",
        "yaml",
        "toml",
        "ini",
        "xml",
        "html",
        "css",
        "scss",
        "docker",
        "nginx",
        "terraform",
        "sql",
        "graphql",
        "protobuf",
        "properties",
        "bash",
        "powershell",
        "bat",
        "make",
        "cmake",
        "diff",
        "markdown",
        "text",
        "hcl",
        "rst",
    ]
)
STRINGS: Final = re.compile(r"\"(?:[^\"\\\n]|\\.){0,300}\"|'(?:[^'\\\n]|\\.){0,300}'|`[^`]{0,500}`")
