"""The configuration of `satchel-infra`: one TOML file, described in docs/reference/infra-configuration.md.

configuration = Configuration.load(Path("/etc/satchel/infra.toml"))
configuration.shards.home(owner)
configuration.deployment(shard)    # the platform, the image and the options of a shard
configuration.load_name_key()      # read only by the commands that need it
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from satchel_infra.errors import ConfigurationError
from satchel_infra.names import KEY_HINT, NameKey, Owner, load_key
from satchel_infra.platform import DECIDED, Cloud, CloudSpec
from satchel_infra.shards import Shard, Shards
from satchel_infra.toml_tables import Table
from satchel_service.settings import SETTINGS, Settings, SettingsError

PLATFORMS: Final = ("box", "cloudrun", "knative")
PLATFORM_PATTERN: Final = "|".join(PLATFORMS)
OWNER_SUBJECT: Final = "SATCHEL_OWNER_SUBJECT"
OIDC_ISSUER: Final = "SATCHEL_OIDC_ISSUER"
CLOUD_SETTINGS: Final = {
    setting.env
    for setting in SETTINGS
    if not setting.secret and setting.env not in DECIDED and setting.env != OWNER_SUBJECT
}
"""The settings that `[settings]` may hold."""

MAX_HOST_CHARS: Final = 253
NAME_AND_SHARD_CHARS: Final = 26 + 1 + 20 + 1
MAX_DOMAIN_CHARS: Final = MAX_HOST_CHARS - NAME_AND_SHARD_CHARS
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN_PATTERN: Final = rf"(?:{_LABEL}\.)+{_LABEL}"
RECORDS_PATTERN: Final = r"file:/.*|s3://.+|gs://.+"

DOMAIN_HINT: Final = (
    "write the domain that the names of clouds end in, such as clouds.example.org, in lowercase"
)
PLATFORM_HINT: Final = f"use one of {', '.join(PLATFORMS)}"
IMAGE_HINT: Final = (
    "name the release that clouds run: an image by digest, or the directory of an installation"
)
RECORDS_HINT: Final = "use file: and an absolute directory, s3://bucket/prefix or gs://bucket/prefix"
GENERATIONS_HINT: Final = 'write [[generations]] and below it shards = [{ id = "s1" }]'
SAME_PLACE_HINT: Final = (
    "give each shard a place of its own; a machine is one shard, which every generation may name"
)
PLACE_HINT: Final = "write what the platform needs to know of a place as texts"
ACCESS_HINT: Final = 'write a list of texts, such as ["alice", "bob"]'


def is_domain(text: str) -> bool:
    """Return whether the host names of clouds may end in a text."""
    return len(text) <= MAX_DOMAIN_CHARS and re.fullmatch(DOMAIN_PATTERN, text) is not None


@dataclass(frozen=True, slots=True)
class Deployment:
    """How the clouds of a shard are run. `options` are checked by the platform."""

    platform: str
    image: str
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Access:
    """Which accounts may have a cloud: those in `subjects`, and those whose claim has one of `values`.

    With neither, every account that can sign in may have one.
    """

    subjects: frozenset[str] = frozenset()
    claim: str = ""
    values: frozenset[str] = frozenset()

    @property
    def is_open(self) -> bool:
        """Whether every account may have a cloud."""
        return not self.subjects and not self.claim


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that the operator configures. `settings` are those of every cloud."""

    file: str
    domain: str
    records: str
    name_key_file: Path
    settings: Mapping[str, str]
    shards: Shards
    deployments: Mapping[str, Deployment]
    access: Access

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read and check a file. Raise ConfigurationError, which names the file, the key and what to write."""
        top = Table.load(file)
        domain = top.text("domain", hint=DOMAIN_HINT, pattern=DOMAIN_PATTERN)
        if len(domain) > MAX_DOMAIN_CHARS:
            raise top.fail("domain", f"has over {MAX_DOMAIN_CHARS} characters", hint="use a shorter domain")
        key_file = Path(top.text("name_key_file", hint=KEY_HINT))
        standard = _read_deployment(top, top.text("platform", hint=PLATFORM_HINT, pattern=PLATFORM_PATTERN))
        others = _read_others(top.table("platforms"), standard.platform)
        shards, deployments = _read_shards(top, {**others, standard.platform: standard}, standard.platform)
        configuration = cls(
            file=str(file),
            domain=domain,
            records=top.text("records", hint=RECORDS_HINT, pattern=RECORDS_PATTERN),
            name_key_file=key_file if key_file.is_absolute() else file.parent / key_file,
            settings=_read_settings(top.table("settings")),
            shards=shards,
            deployments=deployments,
            access=_read_access(top.table("access")),
        )
        top.end()
        return configuration

    @property
    def issuer(self) -> str:
        """The issuer at which owners sign in. Raise ConfigurationError if there is none."""
        issuer = self.settings.get(OIDC_ISSUER, "")
        if not issuer:
            raise ConfigurationError(
                f"{self.file}: settings.{OIDC_ISSUER} is missing",
                hint="name the issuer at which owners sign in, and SATCHEL_OIDC_CLIENT_ID",
            )
        return issuer

    def deployment(self, shard: Shard) -> Deployment:
        """Return how the clouds of a shard are run."""
        return self.deployments[shard.id]

    def host(self, name: str, shard: Shard) -> str:
        """Return the host name of a cloud."""
        return f"{name}.{shard.id}.{self.domain}"

    def url(self, cloud: Cloud, shard: Shard) -> str:
        """Return the address of an existing cloud. A half-created one does not have a host name on every platform."""
        return f"https://{cloud.host or self.host(cloud.name, shard)}"

    def spec(self, owner: Owner, subject: str, shard: Shard) -> CloudSpec:
        """Return the spec of an account's cloud. Raise ConfigurationError without an issuer."""
        return CloudSpec(
            owner=owner,
            host=self.host(owner.name, shard),
            image=self.deployment(shard).image,
            settings={**self.settings, OIDC_ISSUER: self.issuer, OWNER_SUBJECT: subject},
        )

    def load_name_key(self) -> NameKey:
        """Read the key for names. Raise ConfigurationError if it is not 32 bytes that are kept from other users."""
        return load_key(self.name_key_file)


def _read_deployment(table: Table, platform: str) -> Deployment:
    image = table.text("image", hint=IMAGE_HINT)
    options = table.table("options")
    return Deployment(platform, image, options.values)


def _read_others(table: Table, standard: str) -> dict[str, Deployment]:
    """Read the platforms of shards that name one: `[platforms.knative]`."""
    found = {}
    for platform in table.values:
        if platform not in PLATFORMS:
            raise table.fail(platform, "is not a platform", hint=PLATFORM_HINT)
        if platform == standard:
            raise table.fail(
                platform, "is already the platform of this file", hint="set its image and [options] above"
            )
        inner = table.table(platform)
        found[platform] = _read_deployment(inner, platform)
        inner.end()
    return found


def _read_shards(
    top: Table, known: Mapping[str, Deployment], standard: str
) -> tuple[Shards, dict[str, Deployment]]:
    """Return the generations of shards, and how the clouds of each shard are run by its id."""
    generations: list[tuple[Shard, ...]] = []
    deployments: dict[str, Deployment] = {}
    places: dict[tuple[str, ...], str] = {}
    for generation in top.tables("generations", hint=GENERATIONS_HINT):
        shards = []
        for table in generation.tables("shards", hint=GENERATIONS_HINT):
            shard, deployment = _read_shard(table, known, standard)
            if deployments.setdefault(shard.id, deployment) is not deployment:
                raise table.fail(
                    "platform", f"differs from the earlier one of {shard.id!r}", hint="use a new id"
                )
            first = places.setdefault(_place_of(shard, deployment.platform), shard.id)
            if first != shard.id:
                raise table.fail("id", f"is {shard.id!r}, in the place of {first!r}", hint=SAME_PLACE_HINT)
            shards.append(shard)
        generation.end()
        generations.append(tuple(shards))
    try:
        return Shards(tuple(generations)), deployments
    except ConfigurationError as exc:
        raise top.fail("generations", str(exc), hint=exc.hint) from exc


def _place_of(shard: Shard, platform: str) -> tuple[str, ...]:
    """Return what no other shard may have: platforms list the clouds of a place, whatever their shard.

    A machine has one list. A shard on Knative without a place has a namespace of its own, and Cloud Run labels clouds
    with their shard.
    """
    if platform == "box":
        return (platform,)
    if platform == "knative" and shard.place:
        return (platform, *(f"{key}={value}" for key, value in sorted(shard.place.items())))
    return (platform, shard.id)


def _read_shard(table: Table, known: Mapping[str, Deployment], standard: str) -> tuple[Shard, Deployment]:
    shard_id = table.text("id", hint=PLACE_HINT)
    platform = table.text_or("platform", standard, hint=PLATFORM_HINT, pattern=PLATFORM_PATTERN)
    if platform not in known:
        raise table.fail("platform", f"is {platform!r}", hint=f"add [platforms.{platform}] with its image")
    place = table.all_texts(hint=PLACE_HINT)
    try:
        return Shard(shard_id, place), known[platform]
    except ConfigurationError as exc:
        raise table.fail("id", f"is {shard_id!r}", hint=exc.hint) from exc


def _read_settings(table: Table) -> dict[str, str]:
    """Read the settings of every cloud, and check them as a cloud does."""
    for name in table.values:
        if name not in CLOUD_SETTINGS:
            raise table.fail(
                name, "cannot be set for every cloud", hint="see docs/reference/infra-configuration.md"
            )
    values = table.all_texts(hint="write each value as a text, also numbers")
    try:
        Settings.read(values)
    except SettingsError as exc:
        raise ConfigurationError(
            f"{table.file}: settings: {exc}", hint="see docs/reference/settings.md"
        ) from exc
    return values


def _read_access(table: Table) -> Access:
    access = Access(
        subjects=frozenset(table.texts("subjects", hint=ACCESS_HINT)),
        claim=table.text_or("claim", "", hint="name a claim of the ID token, such as groups"),
        values=frozenset(table.texts("values", hint=ACCESS_HINT)),
    )
    table.end()
    if bool(access.claim) != bool(access.values):
        raise table.fail("claim", "and access.values belong together", hint="set both or neither")
    return access
