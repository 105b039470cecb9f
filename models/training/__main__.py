"""Train every model: python -m models.training [NAME…]."""

import sys
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from models.oracles import snippets
from models.training.datasets import dataset, known_words
from models.training.linear import Settings, packed, train
from models.training.saving import saving
from satchel.models.registry import WEIGHTS

EXAMPLES: Final = 450  # of each language
PASSAGES: Final = 6_000  # of code, and of text


def language(examples: int = EXAMPLES, settings: Settings | None = None) -> bytes:
    """Return the weights of the language model."""
    data = dataset(snippets.classes(), examples, snippets.snippet_of, seed=1)
    return packed(train(data, settings or Settings()), data.classes, known_words())


def code_or_text(examples: int = PASSAGES, settings: Settings | None = None) -> bytes:
    """Return the weights of the model that tells code from text."""
    data = dataset(("code", "text"), examples, snippets.code_or_text, seed=2)
    return packed(train(data, settings or Settings(grams=16_384)), data.classes, known_words())


MODELS: Final[dict[str, Callable[[], bytes]]] = {
    "code-or-text.bin": code_or_text,
    "language.bin": language,
    "saving.json": saving,
}


def main(names: list[str]) -> None:
    """Train the named models, or all, and write their files and sums."""
    for name in names or MODELS:
        (WEIGHTS / name).write_bytes(MODELS[name]())
    write_sums()


def write_sums() -> None:
    """Write SHA256SUMS anew for every file that it names and for every file of ours."""
    path = WEIGHTS / "SHA256SUMS"
    names = {*MODELS, *(line.partition("  ")[2] for line in path.read_text("utf-8").splitlines())}
    files = [WEIGHTS / name for name in sorted(names) if (WEIGHTS / name).is_file()]
    path.write_text(
        "".join(f"{sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files), "utf-8"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
