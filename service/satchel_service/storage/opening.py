"""From the setting `SATCHEL_STORAGE` to a store, by the scheme it begins with."""

from collections.abc import Callable
from pathlib import Path

from satchel_service.settings import SettingsError
from satchel_service.storage.directory import DirectoryStorage
from satchel_service.storage.protocol import Storage


def open_storage(location: str, entropy: Callable[[int], bytes]) -> Storage:
    """Return the store at `location`; SettingsError when it names none."""
    return DirectoryStorage(local_folder(location), entropy)


def local_folder(location: str) -> Path:
    """Return the directory of a `file:` location."""
    scheme, _, rest = location.partition(":")
    path = Path(rest.removeprefix("//"))
    if scheme != "file" or not path.is_absolute():
        raise SettingsError(f"SATCHEL_STORAGE is {location!r}; use file: and an absolute directory")
    return path
