"""Secrets: planted tokens are found, and nothing else is, over all lines of real files."""

import os
import tempfile
from collections.abc import Callable, Collection, Sequence
from functools import cache
from pathlib import Path

from models.evaluation.figures import Figure
from models.evaluation.metrics import Counts, Value, bootstrap, total_precision, total_recall
from models.evaluation.product import NoModelError, model_named
from models.evaluation.sets.loading import Sets
from models.evaluation.sets.planting import Planted, is_found, planted, rules

Scanner = Callable[[str], Collection[int]]


def secret_rows(sets: Sets) -> list[Figure]:
    """Precision of the lines that are reported, and recall of the planted ones. Raise NoOracleError without the oracle."""
    rules()
    items = sets.load("secrets", Planted, planted)
    counted = {
        "detect-secrets": _counts(items, detect_secrets),
        "the oracle's own rules": _counts(items, oracle),
    }
    try:
        model = model_named("secrets").name
        ours = _counts(items, _scan)
    except NoModelError:
        model, ours = "", None
    lines = sum(one.text.count("\n") + 1 for one in items)
    files = f"{lines:,} lines of {len(items):,} files"
    return [
        Figure(
            f"secrets in {files}",
            "precision",
            _value(ours, total_precision),
            model,
            least=0.95,
            peers=_peers(counted, total_precision),
        ),
        Figure(
            "secrets of 204 formats",
            "recall",
            _value(ours, total_recall),
            model,
            least=0.85,
            peers=_peers(counted, total_recall),
        ),
    ]


def _value(counts: Sequence[Counts] | None, measure: Callable[[Sequence[Counts]], float]) -> Value | None:
    return bootstrap(counts, measure) if counts else None


def _peers(
    counted: dict[str, list[Counts]], measure: Callable[[Sequence[Counts]], float]
) -> dict[str, Value]:
    return {name: bootstrap(counts, measure) for name, counts in counted.items()}


def _counts(items: Sequence[Planted], scan: Scanner) -> list[Counts]:
    return [Counts.compare(scan(one.text), one.lines) for one in items]


def _scan(text: str) -> Collection[int]:
    from satchel.models.secrets import scan_text  # noqa: PLC0415 - may not be registered

    return {secret.line for secret in scan_text(text)}


@cache
def oracle(text: str) -> Collection[int]:
    """Return the lines in which one of the oracle's rules finds something."""
    lines = text.split("\n")
    lowered = text.lower()
    near = [rule for rule in rules() if not rule.keywords or any(word in lowered for word in rule.keywords)]
    return {number for number, line in enumerate(lines, 1) if any(is_found(rule, line) for rule in near)}


@cache
def detect_secrets(text: str) -> Collection[int]:
    """Return the lines in which detect-secrets finds something, with its usual settings."""
    from detect_secrets.core.scan import scan_file  # noqa: PLC0415
    from detect_secrets.settings import default_settings  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, default_settings():
        path = Path(folder, "file.txt")
        path.write_text(text, "utf-8")
        return {secret.line_number for secret in scan_file(os.fspath(path))}
