"""The settings of the service, as one table of environment variables.

`satchel-service` reads its environment by this table, and `satchel-infra` renders deployments from it. A test compares
it with docs/reference/settings.md.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, NamedTuple, Self, TypeAlias

from satchel_wire.binding import canonical_origin

Network: TypeAlias = IPv4Network | IPv6Network

UNIX_SOCKET: Final = "unix"  # stands for the peer of a unix socket, which has no address
MIB: Final = 1024 * 1024
GIB: Final = 1024 * MIB
MAX_GRACE_S: Final = 10 * 366 * 24 * 60 * 60  # ten years
MAX_IDLE_S: Final = 366 * 24 * 60 * 60  # a year
MAX_RETENTION_S: Final = 100 * 366 * 24 * 60 * 60  # a hundred years
MAX_AUDIT_ENTRIES: Final = 1_000_000  # 200 MB of the micro-database


class SettingsError(ValueError):
    """A setting has an invalid value; the message names the setting and the valid values."""


class Setting(NamedTuple):
    """One setting: its field in `Settings`, environment variable, default as text, and description."""

    name: str
    env: str
    default: str
    help: str
    secret: bool = False


SETTINGS: Final = (
    Setting(
        "storage",
        "SATCHEL_STORAGE",
        "file:/var/lib/satchel",
        "where sealed objects are stored: `file:` and an absolute directory, `s3://bucket/prefix` or `gs://bucket/prefix`",
    ),
    Setting(
        "s3_endpoint",
        "SATCHEL_S3_ENDPOINT",
        "",
        "address of an S3-compatible store, such as `https://minio.example.org`; empty: AWS",
    ),
    Setting(
        "s3_public_endpoint",
        "SATCHEL_S3_PUBLIC_ENDPOINT",
        "",
        "address of that store for clients; empty: the same address; `none`: parts go through the service",
    ),
    Setting(
        "aws_region",
        "AWS_DEFAULT_REGION",
        "",
        "region of an `s3://` bucket; empty: the one boto3 finds, or `us-east-1` with an endpoint",
    ),
    Setting(
        "aws_access_key_id",
        "AWS_ACCESS_KEY_ID",
        "",
        "access key for an `s3://` bucket; empty: the credentials boto3 finds (a file, a role of the machine or container)",
        secret=True,
    ),
    Setting("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", "", "secret of the access key", secret=True),
    Setting(
        "aws_session_token", "AWS_SESSION_TOKEN", "", "session token of temporary credentials", secret=True
    ),
    Setting(
        "aws_ca_bundle",
        "AWS_CA_BUNDLE",
        "",
        "file of certificate authorities trusted for an `s3://` bucket; empty: the system's authorities",
    ),
    Setting(
        "gcs_endpoint",
        "STORAGE_EMULATOR_HOST",
        "https://storage.googleapis.com",
        "address of Google Cloud Storage for `gs://` buckets",
    ),
    Setting(
        "gce_metadata_host",
        "GCE_METADATA_HOST",
        "metadata.google.internal",
        "host of the metadata server that issues the token for a `gs://` bucket",
    ),
    Setting(
        "database_dir",
        "SATCHEL_DATABASE_DIR",
        "",
        "directory for the local copy of the micro-database, which may be ephemeral; empty: the system's temporary directory",
    ),
    Setting(
        "public_url",
        "SATCHEL_PUBLIC_URL",
        "",
        "address at which people reach this cloud; sign-ins are bound to it; empty: the host that a request names",
    ),
    Setting(
        "hsts",
        "SATCHEL_HSTS",
        "subdomains",
        "which names browsers must reach over TLS from then on: `subdomains` (this host and those below it), `host` or `off`",
    ),
    Setting("bind", "SATCHEL_BIND", "127.0.0.1", "address to listen on; the image sets `0.0.0.0`"),
    Setting("port", "PORT", "8080", "port to listen on"),
    Setting(
        "connections",
        "SATCHEL_CONNECTIONS",
        "200",
        "maximum number of open connections; one beyond it replaces the oldest that has sent no request",
    ),
    Setting(
        "idle_exit_s",
        "SATCHEL_IDLE_EXIT_S",
        "0",
        "seconds without a request after which the process exits, for socket activation; 0: never",
    ),
    Setting(
        "part_bytes",
        "SATCHEL_PART_BYTES",
        str(16 * MIB),
        "size of every part of an upload except the last, in bytes",
    ),
    Setting("archive_bytes", "SATCHEL_ARCHIVE_BYTES", str(64 * GIB), "largest archive, in bytes"),
    Setting("share_bytes", "SATCHEL_SHARE_BYTES", str(32 * MIB), "largest share, in bytes"),
    Setting("shares", "SATCHEL_SHARES", "10000", "maximum number of shares at a time"),
    Setting("devices", "SATCHEL_DEVICES", "50", "maximum number of connected devices"),
    Setting(
        "quota_bytes",
        "SATCHEL_QUOTA_BYTES",
        str(256 * GIB),
        "maximum size of all stored objects, including uploads, in bytes",
    ),
    Setting("uploads", "SATCHEL_UPLOADS", "1000", "maximum number of unfinished uploads at a time"),
    Setting(
        "upload_ttl_s",
        "SATCHEL_UPLOAD_TTL_S",
        "604800",
        "how long an unfinished upload is stored, in seconds",
    ),
    Setting(
        "share_retention_s",
        "SATCHEL_SHARE_RETENTION_S",
        "604800",
        "how long after its end a share can be re-armed before it is deleted, in seconds",
    ),
    Setting("requests", "SATCHEL_REQUESTS", "1000", "maximum number of requests at a time"),
    Setting(
        "answer_bytes",
        "SATCHEL_ANSWER_BYTES",
        str(16 * MIB),
        "largest answer to a request, in bytes",
    ),
    Setting(
        "waiting_bytes",
        "SATCHEL_WAITING_BYTES",
        str(256 * MIB),
        "maximum size of all answers that no device has taken yet, in bytes",
    ),
    Setting(
        "request_retention_s",
        "SATCHEL_REQUEST_RETENTION_S",
        "2592000",
        "how long after its end a request is kept with the answers that nobody took, in seconds; 30 days by default",
    ),
    Setting(
        "delete_grace_s",
        "SATCHEL_DELETE_GRACE_S",
        "604800",
        "how long a deleted, expired or pruned backup can be brought back, in seconds",
    ),
    Setting(
        "blocked_shares",
        "SATCHEL_BLOCKED_SHARES",
        "",
        "blocked links: ids of shares and requests, and SHA-256 hashes of sealed bodies of shares, in hex, separated by spaces or commas",
    ),
    Setting(
        "oidc_issuer",
        "SATCHEL_OIDC_ISSUER",
        "",
        "issuer that the owner signs in at (OpenID Connect), exactly as its metadata names it; empty: no sign-in",
    ),
    Setting("oidc_client_id", "SATCHEL_OIDC_CLIENT_ID", "", "client id of satchel at the issuer"),
    Setting(
        "oidc_audience",
        "SATCHEL_OIDC_AUDIENCE",
        "",
        "audience that ID tokens must name; empty: the client id",
    ),
    Setting(
        "oidc_client_secret",
        "SATCHEL_OIDC_CLIENT_SECRET",
        "",
        "client secret, if the issuer wants one of desktop programs too; it is published to anyone, so it protects nothing",
    ),
    Setting(
        "oidc_scopes",
        "SATCHEL_OIDC_SCOPES",
        "openid",
        "scopes that devices request, separated by spaces; `openid` must be one of them",
    ),
    Setting(
        "oidc_acr_values",
        "SATCHEL_OIDC_ACR_VALUES",
        "",
        "values of `acr` that devices request, separated by spaces; each of them counts as a second factor",
    ),
    Setting(
        "oidc_require_mfa",
        "SATCHEL_OIDC_REQUIRE_MFA",
        "false",
        "whether a sign-in without a second factor is refused: `true` or `false`",
    ),
    Setting(
        "oidc_redirect_ports",
        "SATCHEL_OIDC_REDIRECT_PORTS",
        "",
        "ports of the redirect `http://127.0.0.1:PORT/callback`, separated by commas, if the issuer compares ports; empty: any",
    ),
    Setting(
        "oidc_ca_bundle",
        "SATCHEL_OIDC_CA_BUNDLE",
        "",
        "file of certificate authorities trusted for the issuer; empty: the system's authorities",
    ),
    Setting(
        "owner_subject",
        "SATCHEL_OWNER_SUBJECT",
        "",
        "subject (`sub`) of the owner at the issuer; empty: the first account that signs in with an operator's code",
    ),
    Setting(
        "audit_retention_s",
        "SATCHEL_AUDIT_RETENTION_S",
        "34560000",
        "how long entries of the audit log are kept, in seconds; 400 days by default",
    ),
    Setting(
        "audit_entries",
        "SATCHEL_AUDIT_ENTRIES",
        "100000",
        "how many entries of the audit log are kept; beyond that the oldest tenth is deleted",
    ),
    Setting(
        "audit_views",
        "SATCHEL_AUDIT_VIEWS",
        "false",
        "`true` records every opening of a share in the audit log; they are only counted otherwise",
    ),
    Setting(
        "audit_addresses",
        "SATCHEL_AUDIT_ADDRESSES",
        "false",
        "`true` stores the address of the client with each entry of the audit log",
    ),
    Setting(
        "trusted_proxies",
        "SATCHEL_TRUSTED_PROXIES",
        "",
        "proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted: addresses and networks such as "
        "`10.0.0.0/8`, and `unix` for a unix socket, separated by spaces or commas",
    ),
    Setting(
        "log_level",
        "SATCHEL_LOG_LEVEL",
        "info",
        "minimum level of log entries: `debug`, `info`, `warning` or `error`",
    ),
)

MAX_DIGITS: Final = 16  # of 2**53
MAX_QUOTED_CHARS: Final = 100
_URL: Final = re.compile(
    r"https?://(?:(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?|\[[0-9a-f:.]+\])"
    r"(?::[0-9]{1,5})?"
)
_ISSUER: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?"
)
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
MAX_TEXT_CHARS: Final = 500  # of an issuer, a client id, an audience, a client secret
MAX_SUBJECT_CHARS: Final = 255  # OpenID Connect Core, section 2
MAX_WORDS: Final = 20
MAX_WORD_CHARS: Final = 200
MAX_PORTS: Final = 10
SIGN_IN: Final = frozenset(
    {
        "oidc_client_id",
        "oidc_audience",
        "oidc_client_secret",
        "oidc_scopes",
        "oidc_acr_values",
        "oidc_require_mfa",
        "oidc_redirect_ports",
        "oidc_ca_bundle",
        "owner_subject",
    }
)
"""The settings that make sense only with an issuer."""

LOG_LEVELS: Final = ("debug", "info", "warning", "error")
HSTS_CHOICES: Final = ("subdomains", "host", "off")


class Settings(NamedTuple):
    """The settings of one run. Sizes are in bytes, times in seconds. Secrets are left out of the repr."""

    storage: str
    s3_endpoint: str
    s3_public_endpoint: str
    aws_region: str
    aws_access_key_id: str
    aws_secret_access_key: str
    aws_session_token: str
    aws_ca_bundle: str
    gcs_endpoint: str
    gce_metadata_host: str
    database_dir: str
    public_url: str
    hsts: str
    bind: str
    port: int
    connections: int
    idle_exit_s: int
    part_bytes: int
    archive_bytes: int
    share_bytes: int
    shares: int
    devices: int
    quota_bytes: int
    uploads: int
    upload_ttl_s: int
    share_retention_s: int
    requests: int
    answer_bytes: int
    waiting_bytes: int
    request_retention_s: int
    delete_grace_s: int
    blocked_shares: tuple[str, ...]
    oidc_issuer: str
    oidc_client_id: str
    oidc_audience: str
    oidc_client_secret: str
    oidc_scopes: tuple[str, ...]
    oidc_acr_values: tuple[str, ...]
    oidc_require_mfa: bool
    oidc_redirect_ports: tuple[int, ...]
    oidc_ca_bundle: str
    owner_subject: str
    audit_retention_s: int
    audit_entries: int
    audit_views: bool
    audit_addresses: bool
    trusted_proxies: tuple[Network | str, ...]
    log_level: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read every setting from `environ`, or use its default. Raise SettingsError for the first invalid value."""
        texts = {setting.name: environ.get(setting.env, "") or setting.default for setting in SETTINGS}
        settings = cls(
            storage=texts["storage"],
            s3_endpoint=texts["s3_endpoint"],
            s3_public_endpoint=texts["s3_public_endpoint"],
            aws_region=texts["aws_region"],
            aws_access_key_id=texts["aws_access_key_id"],
            aws_secret_access_key=texts["aws_secret_access_key"],
            aws_session_token=texts["aws_session_token"],
            aws_ca_bundle=texts["aws_ca_bundle"],
            gcs_endpoint=texts["gcs_endpoint"],
            gce_metadata_host=texts["gce_metadata_host"],
            database_dir=texts["database_dir"],
            public_url=_parse_url(texts["public_url"]),
            hsts=texts["hsts"].lower(),
            bind=texts["bind"],
            port=_parse_number(texts, "port", minimum=0, maximum=65_535),
            connections=_parse_number(texts, "connections", minimum=10, maximum=100_000),
            idle_exit_s=_parse_number(texts, "idle_exit_s", minimum=0, maximum=MAX_IDLE_S),
            # S3 requires parts of at least 5 MiB; Cloud Run limits a request to 32 MiB
            part_bytes=_parse_number(texts, "part_bytes", minimum=64 * 1024, maximum=30 * MIB),
            archive_bytes=_parse_number(texts, "archive_bytes", minimum=1),
            share_bytes=_parse_number(texts, "share_bytes", minimum=1),
            shares=_parse_number(texts, "shares", minimum=0),
            devices=_parse_number(texts, "devices", minimum=1),
            quota_bytes=_parse_number(texts, "quota_bytes", minimum=1),
            uploads=_parse_number(texts, "uploads", minimum=1),
            upload_ttl_s=_parse_number(texts, "upload_ttl_s", minimum=60),
            share_retention_s=_parse_number(texts, "share_retention_s", minimum=0),
            requests=_parse_number(texts, "requests", minimum=0, maximum=10_000),
            # one HTTP request carries an answer; Cloud Run limits it to 32 MiB
            answer_bytes=_parse_number(texts, "answer_bytes", minimum=1024, maximum=30 * MIB),
            waiting_bytes=_parse_number(texts, "waiting_bytes", minimum=0),
            request_retention_s=_parse_number(texts, "request_retention_s", minimum=60 * 60),
            delete_grace_s=_parse_number(texts, "delete_grace_s", minimum=0, maximum=MAX_GRACE_S),
            blocked_shares=_parse_hex_ids(texts["blocked_shares"]),
            oidc_issuer=_parse_issuer(texts["oidc_issuer"]),
            oidc_client_id=_parse_text(texts, "oidc_client_id"),
            oidc_audience=_parse_text(texts, "oidc_audience") or _parse_text(texts, "oidc_client_id"),
            oidc_client_secret=_parse_text(texts, "oidc_client_secret"),
            oidc_scopes=_parse_words(texts, "oidc_scopes"),
            oidc_acr_values=_parse_words(texts, "oidc_acr_values"),
            oidc_require_mfa=_parse_flag(texts, "oidc_require_mfa"),
            oidc_redirect_ports=_parse_ports(texts["oidc_redirect_ports"]),
            oidc_ca_bundle=texts["oidc_ca_bundle"],
            owner_subject=_parse_text(texts, "owner_subject", most=MAX_SUBJECT_CHARS),
            audit_retention_s=_parse_number(
                texts, "audit_retention_s", minimum=60 * 60, maximum=MAX_RETENTION_S
            ),
            audit_entries=_parse_number(texts, "audit_entries", minimum=100, maximum=MAX_AUDIT_ENTRIES),
            audit_views=_parse_flag(texts, "audit_views"),
            audit_addresses=_parse_flag(texts, "audit_addresses"),
            trusted_proxies=_parse_networks(texts["trusted_proxies"]),
            log_level=texts["log_level"].lower(),
        )
        if settings.log_level not in LOG_LEVELS:
            raise SettingsError(
                f"SATCHEL_LOG_LEVEL is {settings.log_level!r}; use one of {', '.join(LOG_LEVELS)}"
            )
        if settings.hsts not in HSTS_CHOICES:
            raise SettingsError(
                f"SATCHEL_HSTS is {shorten(settings.hsts)}; use one of {', '.join(HSTS_CHOICES)}"
            )
        _check_sign_in(texts)
        return settings

    def __repr__(self) -> str:
        secret = {setting.name for setting in SETTINGS if setting.secret}
        values = zip(self._fields, self, strict=True)
        shown = ", ".join(f"{name}={value!r}" for name, value in values if name not in secret)
        return f"Settings({shown})"


def _check_sign_in(texts: Mapping[str, str]) -> None:
    """Refuse settings of sign-in that do not work together."""
    given = [
        setting.env
        for setting in SETTINGS
        if setting.name in SIGN_IN and texts[setting.name] != setting.default
    ]
    if given and not texts["oidc_issuer"]:
        raise SettingsError(f"{given[0]} is set, but SATCHEL_OIDC_ISSUER is not; set both or neither")
    if texts["oidc_issuer"] and not texts["oidc_client_id"]:
        raise SettingsError(
            "SATCHEL_OIDC_ISSUER is set, but SATCHEL_OIDC_CLIENT_ID is not; set both or neither"
        )
    if "openid" not in texts["oidc_scopes"].split():
        raise SettingsError(
            f"SATCHEL_OIDC_SCOPES is {shorten(texts['oidc_scopes'])}; include the scope openid"
        )


def _parse_issuer(text: str) -> str:
    """Return the issuer unchanged: it is compared exactly, with or without a slash at its end."""
    match = _ISSUER.fullmatch(text)
    if text and (
        match is None
        or not 0 < int(match["port"] or 1) < 1 << 16
        or len(text) > MAX_TEXT_CHARS
        or (match["scheme"] == "http" and match["host"] not in LOOPBACK)
    ):
        raise SettingsError(
            f"SATCHEL_OIDC_ISSUER is {shorten(text)}; use an https address without query and fragment,"
            " such as https://tenant.eu.auth0.com/"
        )
    return text


def _parse_text(texts: Mapping[str, str], name: str, most: int = MAX_TEXT_CHARS) -> str:
    text = texts[name]
    if len(text) > most or not (text.isascii() and text.isprintable()) or text != text.strip():
        raise SettingsError(
            f"{_env_of(name)} is {shorten(text)}; use at most {most} printable ASCII characters"
        )
    return text


def _parse_words(texts: Mapping[str, str], name: str) -> tuple[str, ...]:
    words = tuple(_parse_text(texts, name, most=MAX_WORDS * MAX_WORD_CHARS).split())
    if len(words) > MAX_WORDS or any(len(word) > MAX_WORD_CHARS or set(word) & set('"\\') for word in words):
        raise SettingsError(
            f"{_env_of(name)} is {shorten(texts[name])}; use at most {MAX_WORDS} words of"
            f" {MAX_WORD_CHARS} characters, without quotes and backslashes"
        )
    return words


def _parse_flag(texts: Mapping[str, str], name: str) -> bool:
    text = texts[name].lower()
    if text not in ("true", "false"):
        raise SettingsError(f"{_env_of(name)} is {shorten(texts[name])}; use true or false")
    return text == "true"


def _parse_ports(text: str) -> tuple[int, ...]:
    words = text.replace(",", " ").split()
    ports = tuple(int(word) for word in words if word.isascii() and word.isdigit() and len(word) <= 5)
    if len(ports) < len(words) or len(ports) > MAX_PORTS or not all(0 < port < 1 << 16 for port in ports):
        raise SettingsError(
            f"SATCHEL_OIDC_REDIRECT_PORTS is {shorten(text)}; use up to {MAX_PORTS} ports from 1 to 65535"
        )
    return ports


def _env_of(name: str) -> str:
    return next(setting.env for setting in SETTINGS if setting.name == name)


def _parse_number(texts: Mapping[str, str], name: str, *, minimum: int, maximum: int = 2**53) -> int:
    env, text = _env_of(name), texts[name]
    value = int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else -1
    if not minimum <= value <= maximum:
        raise SettingsError(f"{env} is {shorten(text)}; use a whole number from {minimum} to {maximum}")
    return value


def _parse_hex_ids(text: str) -> tuple[str, ...]:
    names = tuple(text.replace(",", " ").lower().split())
    for name in names:
        if len(name) not in (32, 64) or not set(name) <= set("0123456789abcdef"):
            raise SettingsError(
                f"SATCHEL_BLOCKED_SHARES has {name!r}; use ids of 32 and SHA-256 hashes of 64 hex digits"
            )
    return names


def _parse_networks(text: str) -> tuple[Network | str, ...]:
    return tuple(_parse_network(name) for name in text.replace(",", " ").lower().split())


def _parse_network(name: str) -> Network | str:
    try:
        return UNIX_SOCKET if name == UNIX_SOCKET else ip_network(name)
    except ValueError as exc:
        raise SettingsError(
            f"SATCHEL_TRUSTED_PROXIES has {shorten(name)}; use addresses and networks such as 10.0.0.0/8, or unix"
        ) from exc


def _parse_url(text: str) -> str:
    """Return an address that every client accepts: a scheme, a host and perhaps a port (`satchel.outgoing.address`)."""
    url = text.removesuffix("/").lower() if text.count("/") <= 3 else text
    match = _URL.fullmatch(url)
    origin = canonical_origin(url)
    if url and (match is None or not origin):
        raise SettingsError(
            f"SATCHEL_PUBLIC_URL is {shorten(text)}; use a scheme, a host and perhaps a port,"
            " such as https://cloud.example.com"
        )
    return origin


def shorten(text: str) -> str:
    """Return a value to quote in an error."""
    return repr(text if len(text) <= MAX_QUOTED_CHARS else f"{text[:MAX_QUOTED_CHARS]}…")
