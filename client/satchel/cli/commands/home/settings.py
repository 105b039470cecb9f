"""`satchel settings`: other defaults for options."""

import click

from satchel.cli.app import App
from satchel.cli.options import group, pass_app
from satchel.cli.settings_file import SETTINGS, Setting, read_settings, write_settings
from satchel.cli.terminal.output import Column
from satchel.errors import NotFoundError, UsageError

COLUMNS = (
    Column("SETTING"),
    Column("VALUE"),
    Column("", dim=True),
    Column("WHAT IT IS", shrinks=True, dim=True),
)


@group(
    "settings",
    examples=[
        ("satchel settings", "show them"),
        ("satchel settings set share.expires 12h", "change one"),
        ("satchel settings reset share.expires", "back to the default"),
    ],
    alone=True,
)
@pass_app
def settings(app: App, /) -> None:
    """Show or change settings.

    A setting is another default for an option: share.expires is that of satchel share --expires.
    """
    if click.get_current_context().invoked_subcommand:
        return
    chosen = read_settings(app.home)
    rows = [(each, chosen.get(each.name, each.default), each.name in chosen) for each in SETTINGS.values()]
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


@settings.subcommand("set", examples=[("satchel settings set list.limit 100", "list more at once")])
@click.argument("name", metavar="NAME", shell_complete=_complete_names)
@click.argument("value", metavar="VALUE")
@pass_app
def set_(app: App, /, *, name: str, value: str) -> None:
    """Change a setting."""
    setting = _named(name)
    _check(setting, value)
    chosen = read_settings(app.home)
    write_settings(app.home, {**chosen, name: value})
    app.out.answer({"name": name, "value": value}, f"{name} is {value} now")


@settings.subcommand("reset", examples=[("satchel settings reset --all", "back to every default")])
@click.argument("name", metavar="NAME", required=False, shell_complete=_complete_names)
@click.option("--all", "everything", is_flag=True, help="Reset every setting.")
@pass_app
def reset(app: App, /, *, name: str | None, everything: bool) -> None:
    """Set a setting, or all of them, back to the default."""
    if (name is None) != everything:
        raise UsageError("say which setting to reset, or --all", hint="satchel settings lists them")
    if name is None:
        write_settings(app.home, {})
        app.out.answer({"reset": list(SETTINGS)}, "every setting has its default again")
        return
    setting = _named(name)
    chosen = read_settings(app.home)
    chosen.pop(name, None)
    write_settings(app.home, chosen)
    app.out.answer({"reset": [name]}, f"{name} is {setting.default} again")


def _named(name: str) -> Setting:
    if name not in SETTINGS:
        raise NotFoundError(f"there is no setting {name!r}", hint="satchel settings lists them")
    return SETTINGS[name]


def _check(setting: Setting, value: str) -> None:
    """Have the option itself judge the value."""
    from satchel.cli.root import root  # noqa: PLC0415  loads the command

    context = click.get_current_context()
    found = root.get_command(context, setting.command)
    option = next((param for param in found.params if param.name == setting.option), None) if found else None
    if option is None:
        raise NotFoundError(f"this satchel has no option for {setting.name!r}")
    try:
        option.type.convert(value, option, context)
    except click.BadParameter as wrong:
        raise UsageError(f"{value!r} is no {setting.name}: {wrong.message}") from wrong
