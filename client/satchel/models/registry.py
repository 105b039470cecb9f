"""Every model: what it does, what it needs, and where it comes from.

Reading the table imports no model. To add one, write a module with a function `open_model() -> Model` (or another
interface, for models that do not describe Pieces) and append an entry to `ENTRIES`:

    model = open_model("titles")      # imported and loaded once in a process
    missing = missing_packages(entry)  # what `pip install` would bring
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from satchel.errors import MissingExtraError
from satchel.imports import import_module
from satchel.models.interface import Field, Model


@dataclass(frozen=True, slots=True)
class Entry:
    """One model.

    `name` and `version` stand with every suggestion ("titles/1"); raise the version when the output changes.
    `module` is below `satchel.models`. `fields` are those it suggests; empty for a model with another interface.
    `packages` are the modules that it imports, which the extra `extra` installs; `light` says what works without
    them. `weights` are the files below `satchel/models/weights` that it loads.
    """

    name: str
    version: int
    purpose: str
    module: str
    fields: tuple[Field, ...] = ()
    packages: tuple[str, ...] = ()
    extra: str = ""
    light: str = ""
    weights: tuple[str, ...] = ()
    licence: str = "Apache-2.0"
    provenance: str = "rules written for satchel"

    @property
    def label(self) -> str:
        """The name with the version, as suggestions are marked."""
        return f"{self.name}/{self.version}"


WEIGHTS: Final = Path(__file__).parent / "weights"

# In the order in which `satchel models` lists them. For one field the most confident suggestion is taken, whichever
# model makes it.
ENTRIES: Final[tuple[Entry, ...]] = (
    Entry("file-names", 1, "title and language from the file's name", "file_names", ("title", "language")),
    Entry("first-lines", 2, "title from the first line", "first_lines", ("title",)),
    Entry(
        "minilm",
        1,
        "search by meaning",
        "embedding",
        packages=("numpy", "onnxruntime"),
        extra="models",
        light="search by words",
        weights=("minilm.onnx", "minilm-vocab.txt"),
        provenance="all-MiniLM-L6-v2 of sentence-transformers, trained by others on public text and code",
    ),
    Entry(
        "language",
        1,
        "language of the content",
        "language",
        ("language",),
        weights=("language.bin", "code-or-text.bin"),
        provenance="trained for satchel on made-up snippets; with magika where it is installed",
    ),
    Entry(
        "magika",
        1,
        "languages, together with satchel's own model",
        "language.magika_labels",
        packages=("magika", "onnxruntime"),
        extra="models",
        light="languages by satchel's own model alone",
        provenance="magika 1.0 of Google, trained by others on public files; its weights are in the package",
    ),
    Entry(
        "code-or-text",
        1,
        "whether a text is code",
        "code_or_text",
        weights=("code-or-text.bin", "language.bin"),
        provenance="trained for satchel on made-up snippets and documents",
    ),
    Entry("titles", 2, "title from comments, names and structure", "titles.title_model", ("title",)),
    Entry("descriptions", 2, "what it does, takes and returns", "titles.description_model", ("description",)),
    Entry(
        "secrets",
        1,
        "secrets in a text, before it is shared",
        "secrets",
        weights=("secrets.json",),
        provenance="rules from providers' documentation; weights trained on generated tokens and names",
    ),
    Entry("queries", 1, "searches that find the Piece", "queries.query_model", ("query",)),
    Entry("tags", 3, "tags from words, names and libraries", "tags.tag_model", ("tag",)),
    Entry(
        "frameworks",
        2,
        "frameworks by imports and telling names",
        "frameworks",
        ("framework", "tag"),
        light="imports by patterns",
        provenance="a table of public module names, written for satchel",
    ),
    Entry(
        "related",
        2,
        "documentation of imports and calls",
        "related",
        ("link",),
        provenance="tables of public documentation addresses, written for satchel",
    ),
    Entry("similarity", 2, "clones by shingles of tokens; with minilm also ports", "similarity"),
    Entry(
        "saving",
        2,
        "what is worth keeping as a Piece",
        "saving",
        weights=("saving.json",),
        provenance="trained for satchel on generated examples and files",
    ),
    Entry(
        "discovery",
        2,
        "parts of files to keep as Pieces",
        "discovery",
        provenance="rules written for satchel, and the model saving",
    ),
    Entry("links", 1, "links of Markdown, code and other texts", "links", ("link",)),
    Entry("related-tags", 3, "tags that go with those of a Piece", "tags.related_model", ("tag",)),
    Entry(
        "image-text",
        3,
        "reads the code in a screenshot",
        "ocr",
        packages=("rapidocr", "onnxruntime", "cv2", "numpy", "PIL"),
        extra="ocr",
        light="the program tesseract reads images, if it is installed",
        provenance="PP-OCRv6 by PaddlePaddle, trained on public and synthetic images, in the package rapidocr",
    ),
)


def entry_named(name: str) -> Entry:
    """Return the entry of a model. KeyError if there is none."""
    return next(entry for entry in ENTRIES if entry.name == name)


def size_of(entry: Entry) -> int:
    """Return the size of a model's weights in bytes, those in its packages apart; 0 without weights of its own."""
    here = set(entry.weights).difference(missing_weights(entry))
    return sum((WEIGHTS / name).stat().st_size for name in here)


def missing_weights(entry: Entry) -> tuple[str, ...]:
    """Return the weights of a model that this installation was built without."""
    return tuple(name for name in entry.weights if not (WEIGHTS / name).is_file())


def missing_packages(entry: Entry) -> tuple[str, ...]:
    """Return the packages of a model that are not installed, importing none of them."""
    return tuple(package for package in entry.packages if find_spec(package) is None)


@cache
def open_model(name: str) -> Model:
    """Return a model that describes Pieces. Raise MissingExtraError if its packages are not installed."""
    entry = entry_named(name)
    missing = missing_packages(entry)
    if missing:
        raise MissingExtraError(missing[0], entry.extra)
    opened: Model = import_module(f"satchel.models.{entry.module}").open_model()
    return opened


def describing(fields: Sequence[Field] = ()) -> list[Entry]:
    """Return the models that suggest one of these fields (all without any) and whose packages are installed."""
    wanted = set(fields)
    return [
        entry
        for entry in ENTRIES
        if entry.fields and (not wanted or wanted & set(entry.fields)) and not missing_packages(entry)
    ]
