"""Tombstones and used nonces, in the operator's own storage: docs/spec/provisioner.md describes the objects.

    records = Records.open("gs://operator/satchel", os.environ, os.urandom)
    tombstone = records.begin_removal(owner, now)     # before anything is removed
    records.finish_removal(tombstone, now)            # once nothing of the cloud exists
    records.latest(owner)                             # the latest removal of the owner's cloud, if there was one
    records.use_nonce(digest, expires)                # raises NonceUsedError the second time

Objects are created if absent and never changed, so two processes at once cannot both begin the same thing.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple, Self

from satchel_infra.errors import (
    ConfigurationError,
    FailedError,
    InfraError,
    OwnerMismatchError,
    QuotaError,
    UnavailableError,
)
from satchel_infra.names import NAME_PATTERN, TAG_PATTERN, Owner
from satchel_service.settings import Settings, SettingsError
from satchel_service.storage import AlreadyExistsError, FullError, Storage, StorageError, blob_key
from satchel_service.storage.opening import open_storage

TOMBSTONES: Final = "tombstones/"
NONCES: Final = "nonces/"
PROBE: Final = "probe/"
GONE: Final = ".gone"
NUMBER_DIGITS: Final = 6
MAX_REMOVALS: Final = 10**NUMBER_DIGITS - 1
MAX_RECORD_BYTES: Final = 4096
SWEPT_NONCES: Final = 100  # at a time
DAY_MS: Final = 24 * 60 * 60 * 1000
AGAIN: Final = "check `records` of the configuration, then run the same again"

STORAGE_SETTINGS: Final = (
    "SATCHEL_S3_ENDPOINT",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CA_BUNDLE",
    "STORAGE_EMULATOR_HOST",
    "GCE_METADATA_HOST",
)
"""The environment variables that `records` uses, as a cloud does for its own storage."""


class NonceUsedError(InfraError):
    """The nonce of a sign-in has been used."""


class Version(NamedTuple):
    """How far the removals of an owner's cloud are: the number of the latest one, and whether it is complete."""

    number: int = 0
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One removal of an owner's cloud. Times are in milliseconds since 1970; `gone` is None while it is under way."""

    owner: Owner
    number: int
    begun: int
    gone: int | None = None

    @property
    def version(self) -> Version:
        """The version of the records, if this is the latest removal."""
        return Version(self.number, self.gone is not None)


class Records:
    """The operator's records. Every method raises UnavailableError if the storage does not respond."""

    def __init__(self, storage: Storage, entropy: Callable[[int], bytes]) -> None:
        self._storage = storage
        self._entropy = entropy

    @classmethod
    def open(cls, location: str, environ: Mapping[str, str], entropy: Callable[[int], bytes]) -> Self:
        """Open the records at a location. Raise ConfigurationError if it is none."""
        chosen = {name: environ[name] for name in STORAGE_SETTINGS if name in environ}
        try:
            settings = Settings.read({**chosen, "SATCHEL_STORAGE": location})
            storage = open_storage(settings, entropy)
        except SettingsError as exc:
            raise ConfigurationError(
                f"records: {exc}", hint="correct `records` of the configuration"
            ) from exc
        with _failures():
            storage.prepare()
        return cls(storage, entropy)

    # -- tombstones ---------------------------------------------------------------------------------------

    def latest(self, owner: Owner) -> Tombstone | None:
        """Return the latest removal of the cloud with the owner's name. Raise OwnerMismatchError if it was another's."""
        latest = self.latest_named(owner.name)
        return None if latest is None else _check_owner(latest, owner)

    def begin_removal(self, owner: Owner, now: int) -> Tombstone:
        """Record that a removal begins, and return it, or the removal that is already under way."""
        latest = self.latest(owner)
        if latest is not None and latest.gone is None:
            return latest
        return self.begin_next_removal(owner, latest, now)

    def begin_next_removal(self, owner: Owner, latest: Tombstone | None, now: int) -> Tombstone:
        """Record that the removal after `latest` begins, and return it, whichever process was faster."""
        number = 1 if latest is None else latest.number + 1
        if number > MAX_REMOVALS:
            raise FailedError(f"the cloud {owner.name!r} was removed too often", hint="remove it by hand")
        record = json.dumps({"version": 1, "tag": owner.tag, "begun": now}).encode()
        with _failures():
            try:
                self._storage.create(blob_key(_key(owner.name, number)), record)
            except AlreadyExistsError:
                is_gone = self.version(owner.name) != Version(number)
                return _check_owner(self._read(owner.name, number, is_gone=is_gone), owner)
        return Tombstone(owner, number, now)

    def finish_removal(self, tombstone: Tombstone, now: int) -> None:
        """Record that nothing of the cloud exists any more. Repeating it changes nothing."""
        key = blob_key(_key(tombstone.owner.name, tombstone.number) + GONE)
        with _failures():
            try:
                self._storage.create(key, json.dumps({"version": 1, "gone": now}).encode())
            except AlreadyExistsError:
                return

    def unfinished(self) -> Iterator[Tombstone]:
        """Yield every removal that has begun and is not finished. It lists every tombstone."""
        with _failures():
            keys = [info.key for info in self._storage.list(TOMBSTONES)]
        begun = {key.removeprefix(TOMBSTONES) for key in keys if not key.endswith(GONE)}
        gone = {key.removeprefix(TOMBSTONES).removesuffix(GONE) for key in keys if key.endswith(GONE)}
        for place in sorted(begun - gone):
            name, _, number = place.partition("/")
            yield self._read(name, int(number), is_gone=False)

    def latest_named(self, name: str) -> Tombstone | None:
        """Return the latest removal of a cloud by its name alone."""
        number, is_gone = self.version(name)
        return self._read(name, number, is_gone=is_gone) if number else None

    def version(self, name: str) -> Version:
        """Return how far the removals of a cloud are, with one request to the storage."""
        if NAME_PATTERN.fullmatch(name) is None:
            raise FailedError(f"{name!r} is not the name of a cloud", hint="see `satchel-infra list`")
        with _failures():
            keys = {info.key for info in self._storage.list(f"{TOMBSTONES}{name}/")}
        number = max((int(key.rpartition("/")[2]) for key in keys if not key.endswith(GONE)), default=0)
        return Version(number, _key(name, number) + GONE in keys)

    def _read(self, name: str, number: int, *, is_gone: bool) -> Tombstone:
        key = _key(name, number)
        gone_key = blob_key(key + GONE)
        with _failures():
            begun = _parse(self._storage.read(blob_key(key), 0, MAX_RECORD_BYTES), key)
            gone = _parse(self._storage.read(gone_key, 0, MAX_RECORD_BYTES), gone_key) if is_gone else {}
        tag = begun.get("tag")
        if not isinstance(tag, str) or TAG_PATTERN.fullmatch(tag) is None or Owner(tag).name != name:
            raise _damaged(key)
        return Tombstone(
            Owner(tag), number, _time(begun, "begun", key), _time(gone, "gone", key) if gone else None
        )

    # -- nonces -------------------------------------------------------------------------------------------

    def use_nonce(self, digest: bytes, expires: int, now: int) -> None:
        """Record that a nonce is used. Raise NonceUsedError if it was. `digest` is that of its bytes.

        The record is written last, so that the nonce is not used up by a call that fails.
        """
        key = blob_key(f"{NONCES}{_day(expires)}/{digest.hex()}")
        with _failures():
            self._sweep_nonces(now)
            try:
                self._storage.create(key, b"")
            except AlreadyExistsError as exc:
                raise NonceUsedError("the nonce has been used", hint="sign in again") from exc

    def _sweep_nonces(self, now: int) -> None:
        """Delete some of the nonces that expired days ago."""
        oldest = f"{NONCES}{_day(now - DAY_MS)}"
        for count, info in enumerate(self._storage.list(NONCES)):
            if info.key >= oldest or count >= SWEPT_NONCES:
                return
            self._storage.delete(info.key)

    # -- the storage --------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raise UnavailableError if the storage cannot be used."""
        with _failures():
            self._storage.check()

    def probe(self) -> None:
        """Raise FailedError unless the storage refuses to create an object that exists."""
        key = blob_key(f"{PROBE}{self._entropy(16).hex()}")
        with _failures():
            self._storage.create(key, b"first")
            try:
                self._storage.create(key, b"second")
            except AlreadyExistsError:
                return
            finally:
                self._storage.delete(key)
        raise FailedError(
            "the storage of the records does not refuse to create an object that exists",
            hint="use a store with conditional writes, or file: for a directory",
        )


def _check_owner(tombstone: Tombstone, owner: Owner) -> Tombstone:
    if tombstone.owner != owner:
        raise OwnerMismatchError(
            f"the name {owner.name!r} belonged to another account",
            hint="a name is never given to anyone else; check the key for names",
        )
    return tombstone


def _key(name: str, number: int) -> str:
    return f"{TOMBSTONES}{name}/{number:0{NUMBER_DIGITS}d}"


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d")


def _parse(data: bytes, key: str) -> dict[str, object]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise _damaged(key) from exc
    if not isinstance(value, dict) or value.get("version") != 1:
        raise _damaged(key)
    return value


def _time(record: Mapping[str, object], name: str, key: str) -> int:
    value = record.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _damaged(key)
    return value


def _damaged(key: str) -> FailedError:
    return FailedError(f"the record {key!r} is damaged", hint="restore it from a copy of the records")


@contextmanager
def _failures() -> Iterator[None]:
    """Translate the failures of the storage."""
    try:
        yield
    except FullError as exc:
        raise QuotaError(f"the storage of the records is full: {exc}", hint="make room there") from exc
    except StorageError as exc:
        raise UnavailableError(f"the storage of the records does not respond: {exc}", hint=AGAIN) from exc
