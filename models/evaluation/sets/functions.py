"""Functions of Python packages with what their authors say about them, which is removed from the function."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.evaluation.archives import Packages
from models.evaluation.sampling import spread

PACKAGES: Final = [
    "pypi/django",
    "pypi/sqlalchemy",
    "pypi/sphinx",
    "pypi/nltk",
    "pypi/twisted",
    "pypi/mitmproxy",
    "pypi/keras",
    "pypi/mne",
    "pypi/nilearn",
    "pypi/transformers",
    "pypi/lightning",
    "pypi/optuna",
    "pypi/pymc",
    "pypi/xarray",
    "pypi/dask",
    "pypi/distributed",
    "pypi/celery",
    "pypi/kombu",
    "pypi/scrapy",
    "pypi/bokeh",
    "pypi/ipython",
    "pypi/nbconvert",
    "pypi/fonttools",
    "pypi/pypdf",
    "pypi/openpyxl",
    "pypi/python-docx",
    "pypi/xlsxwriter",
    "pypi/astroid",
    "pypi/mypy",
    "pypi/hypothesis",
    "pypi/pytest",
    "pypi/setuptools",
    "pypi/docutils",
    "pypi/pygments",
    "pypi/librosa",
    "pypi/geopandas",
    "pypi/seaborn",
    "pypi/rdflib",
    "pypi/ansible-core",
    "pypi/botocore",
    "pypi/docker",
    "pypi/luigi",
    "pypi/werkzeug",
    "pypi/requests",
    "pypi/cherrypy",
    "pypi/prompt-toolkit",
    "pypi/traitlets",
    "pypi/invoke",
    "pypi/fabric",
    "pypi/more-itertools",
    "pypi/beautifulsoup4",
    "pypi/html5lib",
    "pypi/pyparsing",
    "pypi/djangorestframework",
    "pypi/imbalanced-learn",
    "pypi/textdistance",
    "pypi/tqdm",
    "pypi/starlette",
    "pypi/fastapi",
    "pypi/pydantic",
]
PAIRS: Final = 10_000
SMALL: Final = 2_000
_LINES: Final = (4, 60)
_LEAST_QUERY_WORDS: Final = 4
_MOST_QUERY_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Function:
    """A function without its docstring, and the first paragraph of the docstring."""

    origin: str
    name: str
    code: str
    said: str

    @property
    def package(self) -> str:
        """The package of the file."""
        return self.origin.split(":")[0]


def pairs(packages: Packages) -> list[Function]:
    """Return 10,000 functions, spread over the packages; the first 2,000 are the small set. No two say the same."""
    by_saying: dict[str, Function] = {}
    by_code: set[str] = set()
    for member in packages.named(PACKAGES):
        if member.suffix == ".py" and "/tests/" not in f"/{member.path}":
            for function in functions_of(member.identity, member.text):
                if function.code not in by_code and function.said not in by_saying:
                    by_saying[function.said] = function
                    by_code.add(function.code)
    return spread(by_saying.values(), PAIRS, lambda one: one.package, lambda one: one.origin)


def functions_of(identity: str, text: str) -> Iterator[Function]:
    """Yield the functions of a Python file whose docstring says something; nothing for another version of Python."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    lines = text.split("\n")
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and _is_own(node.name)
            and (said := _said(node))
        ):
            code = _without_docstring(node, lines)
            if _LINES[0] <= code.count("\n") <= _LINES[1]:
                yield Function(f"{identity}#{node.lineno}", node.name, code, said)


def _is_own(name: str) -> bool:
    """Return whether a name says something: as in CodeSearchNet, no `__init__` and no test."""
    return not name.startswith("__") and "test" not in name


def _said(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return the first paragraph of a docstring on one line; empty if it is too short to search with."""
    paragraph = re.split(r"\n\s*\n", (ast.get_docstring(node) or "").strip())[0]
    said = " ".join(paragraph.split())
    return (
        said
        if len(said.split()) >= _LEAST_QUERY_WORDS and len(said) <= _MOST_QUERY_CHARS and said.isascii()
        else ""
    )


def _without_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> str:
    """Return the function's lines from its first decorator on, without the docstring, at the left margin."""
    docstring = node.body[0]
    start = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    kept = [
        lines[place - 1]
        for place in range(start, (node.end_lineno or start) + 1)
        if not docstring.lineno <= place <= (docstring.end_lineno or 0)
    ]
    margin = len(kept[0]) - len(kept[0].lstrip())
    return "\n".join(line[margin:] if not line[:margin].strip() else line for line in kept) + "\n"
