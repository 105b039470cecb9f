"""Train every model: python -m models.training [--check] [NAME…]."""

import sys
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from models.oracles import snippets
from models.training import samples
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


def main(arguments: list[str]) -> int:
    """Train the named models, or all, and write their files and sums; with --check, only compare. Return 1 if they differ."""
    names = [name for name in arguments if name != "--check"] or list(MODELS)
    if "--check" in arguments:
        differing = [name for name in names if not _is_released(name)]
        return int(bool(differing))
    for name in names:
        (WEIGHTS / name).write_bytes(MODELS[name]())
        samples.keep(name)
    write_sums()
    return 0


def _is_released(name: str) -> bool:
    """Return whether a training run gives the bytes of the repository, and print it."""
    is_same = MODELS[name]() == (WEIGHTS / name).read_bytes()
    print(f"{name}: {'the same bytes' if is_same else 'DIFFERS; run: make models'}", flush=True)
    return is_same


def write_sums() -> None:
    """Write SHA256SUMS anew for every file that it names and for every file of ours."""
    path = WEIGHTS / "SHA256SUMS"
    names = {*MODELS, *(line.partition("  ")[2] for line in path.read_text("utf-8").splitlines())}
    files = [WEIGHTS / name for name in sorted(names) if (WEIGHTS / name).is_file()]
    path.write_text(
        "".join(f"{sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files), "utf-8"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
