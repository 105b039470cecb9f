"""Training sets: snippets of the oracles as sets of n-grams."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Final

from models.oracles.grammar import grammar, languages
from models.oracles.prose import SENTENCES, TECHNICAL
from satchel.models.ngrams.grams import Grams

WORKERS: Final = 2
_WORD_CHARS: Final = 32
_PART: Final = 500  # examples that one process makes at a time


@dataclass(frozen=True, slots=True)
class Dataset:
    """Examples: the n-grams of each, and the number of its class."""

    classes: list[str]
    grams: list[list[int]]
    labels: list[int]


def known_words() -> list[str]:
    """Return the words that stand for themselves: those in the grammars, and those that prose is made with."""
    found: set[str] = set()
    for language in languages():
        for alternatives in grammar(language).rules.values():
            for alternative in alternatives:
                found |= _words(part for part in alternative if isinstance(part, str))
    found |= _words(
        part for pattern in (*SENTENCES, *TECHNICAL) for part in pattern.split() if "{" not in part
    )
    return sorted(word for word in found if 1 < len(word) <= _WORD_CHARS)


def _words(texts: Iterable[str]) -> set[str]:
    grams = Grams(())
    return {word for text in texts for word in grams.words(text)}


def dataset(classes: Sequence[str], count: int, make: Callable[[str, Random], str], seed: int) -> Dataset:
    """Return `count` examples of each class, made by `make(class, random)`: the same for the same seed."""
    known = known_words()
    parts = [range(start, min(start + _PART, count)) for start in range(0, count, _PART)]
    tasks = [(name, numbers, seed, make, known) for name in classes for numbers in parts]
    with ProcessPoolExecutor(WORKERS) as workers:
        made = list(workers.map(_examples, tasks))
    grams = [one for examples in made for one in examples]
    places = {name: number for number, name in enumerate(classes)}
    labels = [places[task[0]] for task, examples in zip(tasks, made, strict=True) for _ in examples]
    return Dataset(list(classes), grams, labels)


def _examples(task: tuple[str, range, int, Callable[[str, Random], str], list[str]]) -> list[list[int]]:
    name, numbers, seed, make, known = task
    grams = Grams(known)
    return [
        sorted(grams.of(grams.tokens(make(name, Random(f"{seed} {name} {number}"))))) for number in numbers
    ]
