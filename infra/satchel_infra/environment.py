"""The environment of a deployment: only what differs from the service's defaults, checked by the service's own rules."""

from collections.abc import Mapping

from satchel_service.settings import SETTINGS, Settings, SettingsError


def environment(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to set, in the table's order; SettingsError for an unknown name or an unusable value."""
    known = {setting.env: setting for setting in SETTINGS}
    for name in chosen:
        if name not in known:
            raise SettingsError(f"there is no setting {name!r}; see docs/reference/settings.md")
        if known[name].secret:
            raise SettingsError(f"{name} is a secret and belongs in the deployment's own store of secrets")
    Settings.read(chosen)
    return {
        env: chosen[env] for env, setting in known.items() if env in chosen and chosen[env] != setting.default
    }
