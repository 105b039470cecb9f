"""What the tests of both builds know: the forms of plurals, the messages of a page, and the imports of its sources."""

import json
import re
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Final

PLACEHOLDERS: Final = re.compile(r"\{(\w+)\}")
# The plural forms of each language (CLDR, cardinal).
PLURAL_FORMS: Final = {
    "en": {"one", "other"},
    "de": {"one", "other"},
    "fr": {"one", "many", "other"},
    "es": {"one", "many", "other"},
    "ja": {"other"},
    "zh": {"other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}
# Turns text into markup or code.
FORBIDDEN: Final = re.compile(
    r"\.innerHTML\s*=|\.outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function"
)
_IMPORT: Final = re.compile(r"""(?:from|import\() ?"(\.[^"]+)\"""")


def read_messages(folder: Path, code: str) -> dict[str, Any]:
    """Return the messages of a language."""
    found: dict[str, Any] = json.loads((folder / f"{code}.json").read_text(encoding="utf-8"))
    return found


def faults_of_translation(english: dict[str, Any], translated: dict[str, Any], code: str) -> list[str]:
    """Return the messages that are missing, empty, or differ from English in their placeholders or plural forms."""
    if list(translated) != list(english):
        return sorted(set(english) ^ set(translated)) or ["the order differs"]
    return [key for key in english if _is_faulty(english[key], translated[key], code)]


def _is_faulty(english: Any, translated: Any, code: str) -> bool:  # noqa: ANN401  a text, or its plural forms
    if isinstance(english, dict):
        return set(translated) != PLURAL_FORMS[code]
    placeholders = [sorted(PLACEHOLDERS.findall(text)) for text in (english, translated)]
    return placeholders[0] != placeholders[1] or not translated.strip() == translated != ""


def untranslated(english: dict[str, Any], translated: dict[str, Any]) -> list[str]:
    """Return the sentences that are still English. Single words may be the same in several languages."""
    return [
        key
        for key, message in translated.items()
        if any(
            text in _texts(english[key]) and len(PLACEHOLDERS.sub("", text)) > 20 for text in _texts(message)
        )
    ]


def _texts(message: str | dict[str, str]) -> list[str]:
    return list(message.values()) if isinstance(message, dict) else [message]


def import_order(root: Path, besides: frozenset[tuple[str, str]] = frozenset()) -> list[Path]:
    """Return the sources, each after what it imports. Raise graphlib.CycleError for a cycle.

    Includes imports of types only: they tie modules together for the reader, too. `besides` are pairs of names whose
    import is left out.
    """
    graph = {
        path.resolve(): {
            target
            for name in _IMPORT.findall(path.read_text(encoding="utf-8"))
            if not name.endswith(".json")
            and (path.stem, (target := (path.parent / f"{name.removesuffix('.ts')}.ts").resolve()).stem)
            not in besides
        }
        for path in root.rglob("*.ts")
    }
    assert all(path.exists() for targets in graph.values() for path in targets)
    order = list(TopologicalSorter(graph).static_order())
    assert len(order) == len(graph)
    return order
