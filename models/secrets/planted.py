"""Lines of programs, settings and commands in which a secret stands, and the same lines without one.

line = planted("acme", value, Random(1))      # ACME_API_KEY=…, {"acmeToken": "…"}, curl -H '…'
"""

from collections.abc import Callable
from random import Random
from typing import Final

_NAMES: Final = (
    "api_key",
    "api_token",
    "token",
    "secret",
    "secret_key",
    "access_token",
    "auth_token",
    "key",
    "client_secret",
)
_BARE: Final = ("credentials", "account", "login", "config")


def planted(provider: str, value: str, random: Random) -> str:
    """Return a line of some notation that holds a value of a provider."""
    name = f"{_joined(provider)}_{random.choice(_NAMES)}"
    return random.choice(_NOTATIONS)(name, _joined(provider), value)


def _joined(provider: str) -> str:
    return "_".join("".join(char if char.isalnum() else " " for char in provider.lower()).split())


def camel(name: str) -> str:
    """Return a name like `acmeApiKey`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


_NOTATIONS: Final[tuple[Callable[[str, str, str], str], ...]] = (
    lambda name, _, value: f"{name.upper()}={value}",
    lambda name, _, value: f'export {name.upper()}="{value}"',
    lambda name, _, value: f'{name} = "{value}"',
    lambda name, _, value: f"const {camel(name)} = '{value}';",
    lambda name, _, value: f'  "{camel(name)}": "{value}",',
    lambda name, _, value: f"    {name}: {value}",
    lambda name, provider, value: f'{provider}:\n  {name.removeprefix(provider + "_")}: "{value}"',
    lambda name, _, value: f'os.environ["{name.upper()}"] = "{value}"',
    lambda name, _, value: f'private static final String {name.upper()} = "{value}";',
    lambda name, provider, value: (
        f'client = {provider.capitalize()}({name.removeprefix(provider + "_")}="{value}")'
    ),
    lambda _, provider, value: f'client := {provider}.NewClient("{value}")',
    lambda _, provider, value: f'curl -H "Authorization: Bearer {value}" https://api.{provider}.com/v1/items',
    lambda _, provider, value: f"curl -H 'X-Api-Key: {value}' https://api.{provider}.com/v1/items",
    lambda _, provider, value: f'requests.get("https://api.{provider}.com/v1/items?api_key={value}")',
    lambda _, provider, value: f"{provider} login --token {value}",
    lambda name, _, value: f'<add key="{camel(name)}" value="{value}" />',
    lambda name, _, value: f"- name: {name.upper()}\n  value: {value}",
    lambda name, _, value: f"ENV {name.upper()} {value}",
    lambda _, provider, value: f"# my {provider} token: {value}",
    lambda name, _, value: f"define('{name.upper()}', '{value}');",
)
