"""Opening the clouds of a shard with the operator's credentials."""

import importlib
from collections.abc import Mapping
from typing import Any, Final

from satchel_infra.cloudrun.options import Options, Place
from satchel_infra.errors import DeniedError, MissingExtraError
from satchel_infra.platform import Platform
from satchel_infra.shards import Shard

SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"


def check_options(shard: Shard, options: Mapping[str, object]) -> None:
    """Raise ConfigurationError for a bad place or option."""
    Options.read(options).check(shard)


def open_shard(shard: Shard, options: Mapping[str, object], domain: str) -> Platform:  # noqa: ARG001  every platform's signature
    """Return the clouds of a project and region. No request is made until the first call.

    Open it after a fork: Google's gRPC library does not survive one. Raise ConfigurationError for a bad place or
    option, MissingExtraError without Google's libraries, and DeniedError without credentials.
    """
    read, place = Options.read(options), Place.of(shard)
    read.check(shard)
    try:
        doors = {name: importlib.import_module(f"satchel_infra.cloudrun.{name}") for name in DOORS}
    except ModuleNotFoundError as exc:
        if not (exc.name or "").startswith(("google", "grpc", "requests")):
            raise
        raise MissingExtraError(
            "Google's libraries are not installed", hint="run: pipx install 'satchel[cloudrun]'"
        ) from exc
    credentials = find_credentials(is_stand_in=bool(read.apis))
    calls = doors["calls"].Calls(doors["calls"].Pace())
    return build(shard, read, place, credentials, calls)


DOORS: Final = ("accounts", "buckets", "calls", "clouds", "services")


def build(shard: Shard, options: Options, place: Place, credentials: Any, calls: Any) -> Platform:  # noqa: ANN401  of google-auth, and Calls
    """Connect the doors to Google's APIs."""
    from satchel_infra.cloudrun import accounts, buckets, clouds, services  # noqa: PLC0415  1 s

    apis = options.apis
    return clouds.CloudRunPlatform(
        shard,
        options,
        accounts=accounts.Accounts(accounts.connect(credentials, apis.get("iam")), calls, place, shard),
        buckets=buckets.Buckets(
            buckets.connect(credentials, place.project, apis.get("storage")), calls, place
        ),
        services=services.Services(services.connect(credentials, apis.get("run")), calls, place),
        calls=calls,
    )


def find_credentials(*, is_stand_in: bool) -> Any:  # noqa: ANN401  of google-auth
    """Return the application default credentials; anonymous ones for stand-ins."""
    import google.auth  # noqa: PLC0415
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415
    from google.auth.exceptions import DefaultCredentialsError  # noqa: PLC0415

    if is_stand_in:
        return AnonymousCredentials()  # type: ignore[no-untyped-call]
    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
    except DefaultCredentialsError as exc:
        raise DeniedError(
            "there are no credentials for Google Cloud",
            hint="run the provisioner with a service account, or: gcloud auth application-default login",
        ) from exc
    return credentials
