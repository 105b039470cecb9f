"""`satchel settings`: show and change the defaults of options."""

import click

from satchel.cli.app import App
from satchel.cli.arguments import shortened
from satchel.cli.options import group, pass_app
from satchel.cli.root import root
from satchel.cli.settings_file import SETTINGS, Setting, read_settings, write_settings
from satchel.cli.terminal.text import Column
from satchel.errors import NotFoundError, UsageError

COLUMNS = (
    Column("SETTING"),
    Column("VALUE"),
    Column("", dim=True),
    Column("DESCRIPTION", shrinks=True, dim=True),
)


@group(
    "settings",
    examples=[
        ("satchel settings", "show all settings"),
        ("satchel settings set share.expires 12h", "change a setting"),
        ("satchel settings reset share.expires", "restore the default"),
    ],
    alone=True,
)
@pass_app
def settings(app: App, /) -> None:
    """Show or change settings.

    A setting is the default of an option: share.expires is the default of satchel share --expires. With offline,
    every command refuses to send anything.
    """
    if click.get_current_context().invoked_subcommand:
        return
    changed = read_settings(app.home)
    rows = [(each, changed.get(each.name, each.default), each.name in changed) for each in SETTINGS.values()]
    app.out.table(
        lambda: {
            "settings": [
                {
                    "name": each.name,
                    "value": value,
                    "default": each.default,
                    "is_default": not is_set,
                    "help": each.help,
                }
                for each, value, is_set in rows
            ]
        },
        COLUMNS,
        ((each.name, value, "" if is_set else "default", each.help) for each, value, is_set in rows),
    )


def _complete_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in SETTINGS if name.startswith(incomplete)]


@settings.subcommand("set", examples=[("satchel settings set list.limit 100", "list more Pieces by default")])
@click.argument("name", metavar="NAME", shell_complete=_complete_names)
@click.argument("value", metavar="VALUE")
@pass_app
def set_(app: App, /, *, name: str, value: str) -> None:
    """Change a setting."""
    _validate(_setting(name), value)
    write_settings(app.home, {**read_settings(app.home), name: value})
    app.out.answer({"name": name, "value": value}, f"{name} is now {value}")


@settings.subcommand("reset", examples=[("satchel settings reset --all", "restore every default")])
@click.argument("name", metavar="NAME", required=False, shell_complete=_complete_names)
@click.option("--all", "everything", is_flag=True, help="Reset every setting.")
@pass_app
def reset(app: App, /, *, name: str | None, everything: bool) -> None:
    """Restore the default of a setting, or of all settings."""
    if (name is None) != everything:
        raise UsageError("name one setting, or --all", hint="satchel settings lists them")
    if name is None:
        write_settings(app.home, {})
        app.out.answer({"reset": list(SETTINGS)}, "every setting has its default again")
        return
    setting = _setting(name)
    changed = read_settings(app.home)
    changed.pop(name, None)
    write_settings(app.home, changed)
    app.out.answer({"reset": [name]}, f"{name} is {setting.default} again")


def _setting(name: str) -> Setting:
    if name not in SETTINGS:
        raise NotFoundError(f"there is no setting {name!r}", hint="satchel settings lists them")
    return SETTINGS[name]


def _validate(setting: Setting, value: str) -> None:
    """Check a value with the option that it is the default of."""
    if setting.set_by:
        raise UsageError(
            f"{setting.name} is not the default of an option", hint=f"change it: {setting.set_by}"
        )
    context = click.get_current_context()
    found = root.get_command(context, setting.command) if setting.command else root
    option = next((param for param in found.params if param.name == setting.option), None) if found else None
    if option is None:
        raise NotFoundError(f"no option belongs to the setting {setting.name!r}")
    if getattr(option, "is_flag", False) and value not in {"on", "off"}:
        raise UsageError(f"{shortened(value)!r} is not valid for {setting.name}: write on or off")
    try:
        option.type.convert(value, option, context)
    except click.BadParameter as exc:
        raise UsageError(
            f"{shortened(value)!r} is not valid for {setting.name}: {exc.message.replace(value, shortened(value))}",
            hint=f"see {' '.join(filter(None, ('satchel', setting.command)))} --help",
        ) from exc
