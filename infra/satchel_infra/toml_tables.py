"""Tables of a TOML file, read strictly: every error names the file, the key and what to write."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from satchel_infra.errors import ConfigurationError

MAX_FILE_BYTES: Final = 4 * 1024 * 1024
MAX_QUOTED_CHARS: Final = 100


@dataclass
class Table:
    """One table of a file. `path` is its place there, such as `generations[1].shards[0].`; the file itself has none."""

    file: str
    values: Mapping[str, object]
    path: str = ""
    _read: set[str] = field(default_factory=set)

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a file. Raise ConfigurationError if it cannot be read or is not TOML."""
        try:
            with file.open("rb") as stream:
                data = stream.read(MAX_FILE_BYTES)
            return cls(str(file), tomllib.loads(data.decode()))
        except OSError as exc:
            raise ConfigurationError(
                f"{file}: cannot be read: {exc.strerror}", hint="name the configuration with --config FILE"
            ) from exc
        except ValueError as exc:  # TOMLDecodeError and UnicodeDecodeError
            raise ConfigurationError(f"{file}: is not TOML: {exc}", hint="correct the file") from exc

    def text(self, key: str, *, hint: str, pattern: str = ".+") -> str:
        """Return a required text that matches the whole pattern."""
        value = self._take(key)
        if value is None:
            raise ConfigurationError(f"{self._name(key)} is missing", hint=hint)
        if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
            raise ConfigurationError(f"{self._name(key)} is {shorten(value)}", hint=hint)
        return value

    def text_or(self, key: str, default: str, *, hint: str, pattern: str = ".+") -> str:
        """Return a text, or the default if the key is absent."""
        return self.text(key, hint=hint, pattern=pattern) if key in self.values else default

    def texts(self, key: str, *, hint: str) -> tuple[str, ...]:
        """Return a list of texts; empty if the key is absent."""
        value = self._take(key)
        listed = [] if value is None else value
        if not isinstance(listed, list) or not all(isinstance(each, str) and each for each in listed):
            raise ConfigurationError(f"{self._name(key)} is {shorten(value)}", hint=hint)
        return tuple(listed)

    def number(self, key: str, default: int, *, most: int) -> int:
        """Return a whole number from 1 to `most`, or the default if the key is absent."""
        value = self._take(key) if key in self.values else default
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise self.fail(key, f"is {shorten(value)}", hint=f"use a whole number from 1 to {most}")
        return value

    def table(self, key: str) -> "Table":
        """Return a table inside this one; empty if the key is absent."""
        value = self._take(key)
        inner = {} if value is None else value
        if not isinstance(inner, dict):
            raise ConfigurationError(f"{self._name(key)} is {shorten(value)}", hint=f"write a table: [{key}]")
        return Table(self.file, inner, f"{self.path}{key}.")

    def tables(self, key: str, *, hint: str) -> "list[Table]":
        """Return a required list of tables."""
        value = self._take(key)
        if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
            raise ConfigurationError(f"{self._name(key)} is missing or not a list of tables", hint=hint)
        return [Table(self.file, each, f"{self.path}{key}[{n}].") for n, each in enumerate(value)]

    def all_texts(self, *, hint: str) -> dict[str, str]:
        """Return every key that has not been read yet; each must be a text."""
        names = [key for key in self.values if key not in self._read]
        return {key: self.text(key, hint=hint, pattern="(?s).*") for key in names}

    def end(self) -> None:
        """Raise ConfigurationError if a key has not been read: it is unknown."""
        for key in self.values:
            if key not in self._read:
                known = ", ".join(sorted(self._read))
                raise ConfigurationError(f"{self._name(key)} is unknown", hint=f"the keys here are {known}")

    def fail(self, key: str, problem: str, *, hint: str) -> ConfigurationError:
        """Return an error about a key."""
        return ConfigurationError(f"{self._name(key)} {problem}", hint=hint)

    def _take(self, key: str) -> object:
        self._read.add(key)
        return self.values.get(key)

    def _name(self, key: str) -> str:
        return f"{self.file}: {self.path}{key}"


def shorten(value: object) -> str:
    """Return a value to quote in an error."""
    text = repr(value)
    return text if len(text) <= MAX_QUOTED_CHARS else f"{text[:MAX_QUOTED_CHARS]}…"
