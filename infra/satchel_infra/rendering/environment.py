"""The environment of a deployment: the settings that differ from the service's defaults, and the cloud they name."""

import argparse
from collections.abc import Mapping

from satchel_infra.names import identify, load_key
from satchel_infra.platform import DECIDED, CloudSpec
from satchel_service.settings import SETTINGS, Settings, SettingsError


def check_environment(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that differ from their defaults, in the order of the table of settings.

    Raise SettingsError for an unknown name, a secret, or an invalid value.
    """
    known = {setting.env: setting for setting in SETTINGS}
    for name in chosen:
        if name not in known:
            raise SettingsError(f"there is no setting {name!r}; see docs/reference/settings.md")
        if known[name].secret:
            raise SettingsError(f"{name} is a secret; put it in the secret store of the deployment")
    Settings.read(chosen)
    return {
        env: chosen[env] for env, setting in known.items() if env in chosen and chosen[env] != setting.default
    }


def parse_assignment(text: str) -> tuple[str, str]:
    """Split NAME=VALUE. Raise SettingsError if there is no "="."""
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"{text!r} is not a setting; use --set NAME=VALUE")
    return name, value


def find_spec(options: argparse.Namespace, environment: Mapping[str, str]) -> CloudSpec:
    """Return the spec of the cloud of an account."""
    issuer, subject = environment.get("SATCHEL_OIDC_ISSUER"), environment.get("SATCHEL_OWNER_SUBJECT")
    if not issuer or not subject or not options.image:
        raise SettingsError(
            "the part of one cloud needs --image, and --set of SATCHEL_OIDC_ISSUER and SATCHEL_OWNER_SUBJECT"
        )
    decided = DECIDED & set(environment)
    if decided:
        raise SettingsError(f"{min(decided)} is decided by the platform")
    owner = identify(load_key(options.name_key_file), issuer=issuer, subject=subject)
    host = f"{owner.name}.{options.shard}.{options.domain}"
    return CloudSpec(owner=owner, host=host, image=options.image, settings=dict(environment))
