"""Magika's network (Google, Apache-2.0), and its 214 labels as our languages.

    by_magika = open_magika()
    by_magika.scores(b"fn main() {}")      # language: probability

The network is run directly, since magika's own interface tells the best label only, and we combine all of them.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, cast

from satchel.models.onnx import ERRORS_ONLY, load_onnxruntime

_BLOCK_BYTES: Final = 4_096  # examined at each end
_PADDING: Final = 256
LEAST_BYTES: Final = 8

SAME_NAME: Final = frozenset(
    [
        "asm",
        "awk",
        "c",
        "clojure",
        "cmake",
        "cobol",
        "coffeescript",
        "cpp",
        "css",
        "dart",
        "diff",
        "elixir",
        "erlang",
        "fortran",
        "go",
        "groovy",
        "handlebars",
        "haskell",
        "html",
        "ini",
        "java",
        "javascript",
        "jinja",
        "json",
        "julia",
        "kotlin",
        "lua",
        "markdown",
        "matlab",
        "ocaml",
        "pascal",
        "perl",
        "php",
        "powershell",
        "prolog",
        "python",
        "r",
        "rst",
        "ruby",
        "rust",
        "scala",
        "scss",
        "solidity",
        "sql",
        "swift",
        "tcl",
        "toml",
        "typescript",
        "verilog",
        "vhdl",
        "vue",
        "xml",
        "yaml",
        "zig",
    ]
)
"""Labels of magika that are also our names."""
OTHER_NAMES: Final[Mapping[str, str]] = {
    "aidl": "java",
    "appleplist": "xml",
    "batch": "bat",
    "bazel": "python",
    "bib": "bibtex",
    "crt": "text",
    "cs": "csharp",
    "csproj": "xml",
    "csv": "text",
    "dockerfile": "docker",
    "eml": "text",
    "erb": "html",
    "gemfile": "ruby",
    "gemspec": "ruby",
    "gitattributes": "text",
    "gitmodules": "ini",
    "gradle": "groovy",
    "hcl": "terraform",
    "htaccess": "apacheconf",
    "ics": "text",
    "ignorefile": "text",
    "internetshortcut": "ini",
    "ipynb": "json",
    "jsonl": "json",
    "latex": "tex",
    "lisp": "common-lisp",
    "m3u": "text",
    "makefile": "make",
    "objectivec": "objective-c",
    "pem": "text",
    "po": "text",
    "proto": "protobuf",
    "randomtxt": "text",
    "rdf": "xml",
    "sgml": "xml",
    "shell": "bash",
    "srt": "text",
    "svg": "xml",
    "textproto": "protobuf",
    "tsv": "text",
    "twig": "jinja",
    "txt": "text",
    "vba": "vb.net",
    "vcxproj": "xml",
    "vtt": "text",
    "winregistry": "ini",
}


def language_of_label(label: str) -> str | None:
    """Return our name of a label, or None for binary formats and others that are no language."""
    return label if label in SAME_NAME else OTHER_NAMES.get(label)


class Magika:
    """The network, loaded."""

    def __init__(self, session: Any, labels: list[str], begin: int, end: int) -> None:  # noqa: ANN401 - onnxruntime has no types
        self._session = session
        self._languages = [language_of_label(label) for label in labels]
        self._begin = begin
        self._end = end
        self.known = frozenset(language for language in self._languages if language)

    def scores(self, content: bytes) -> Mapping[str, float]:
        """Return the probability of each language that magika knows; nothing for content of a few bytes."""
        if len(content) < LEAST_BYTES:
            return {}
        output = self._session.run(["target_label"], {"bytes": [self._input(content)]})[0]
        found: dict[str, float] = defaultdict(float)
        for language, probability in zip(self._languages, output[0].tolist(), strict=True):
            if language is not None:
                found[language] += probability
        return found

    def _input(self, content: bytes) -> list[int]:
        first = content[:_BLOCK_BYTES].lstrip()[: self._begin]
        last = content[-_BLOCK_BYTES:].rstrip()[-self._end :]
        return [
            *first,
            *[_PADDING] * (self._begin - len(first)),
            *[_PADDING] * (self._end - len(last)),
            *last,
        ]


def open_magika() -> Magika | None:
    """Return the network, or None if magika or onnxruntime is not installed or has another layout."""
    spec = find_spec("magika")
    if spec is None or not spec.submodule_search_locations or find_spec("onnxruntime") is None:
        return None
    directory = Path(spec.submodule_search_locations[0]) / "models"
    found = sorted(directory.glob("standard_v*/model.onnx"))
    return _opened(found[-1]) if found else None


def _opened(path: Path) -> Magika | None:
    onnxruntime = load_onnxruntime()
    config = cast("dict[str, Any]", json.loads(path.with_name("config.min.json").read_text("utf-8")))
    if config["mid_size"] or config["use_inputs_at_offsets"] or config["padding_token"] != _PADDING:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # one text takes some milliseconds; threads would only spin
    options.log_severity_level = ERRORS_ONLY
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return Magika(session, config["target_labels_space"], config["beg_size"], config["end_size"])
