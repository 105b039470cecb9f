"""`satchel schedule`: have the system's scheduler run backups, and show what it will be told first."""

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from satchel.cli.app import App
from satchel.cli.arguments import DURATION
from satchel.cli.options import group, pass_app
from satchel.cli.program import find_program
from satchel.cli.protection.facts import ScheduleState
from satchel.cli.protection.gathering import schedule_state
from satchel.cli.scheduled_run import run_now
from satchel.cli.terminal.text import Column, format_duration, format_moment
from satchel.cli.views import moment
from satchel.errors import NotFoundError, RefusedError, SatchelError, UsageError
from satchel.schedule.due import check_every, next_run
from satchel.schedule.jobs import Job, Plan
from satchel.schedule.managers import choose_manager, open_manager
from satchel.schedule.runs import Run, delete_run
from satchel.schedule.schedules import (
    MAX_SCHEDULES,
    ManagerName,
    Schedule,
    delete_schedule,
    find_schedule,
    name_for,
    read_schedules,
    save_schedule,
)

F = TypeVar("F", bound=Callable[..., Any])

COLUMNS: Final = (
    Column("NAME"),
    Column("COMMAND", shrinks=True),
    Column("EVERY"),
    Column("USING"),
    Column("LAST RUN"),
    Column("RESULT", shrinks=True),
    Column("NEXT RUN", dim=True),
)
CARRIED: Final = (
    "SATCHEL_KEYRING", "SATCHEL_PASSPHRASE_FILE", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR",
    *(spelled for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY") for spelled in (name, name.lower())),
)  # fmt: skip
"""The variables that a scheduled run needs and that a scheduler may not set. They stay in the home."""
STABLE_BUS: Final = "unix:path=/run/user/"  # other addresses change with every login


# -- adding -----------------------------------------------------------------------------------


@group(
    "schedule",
    examples=[
        ("satchel schedule", "list the schedules"),
        ("satchel schedule backup --every 1d", "back up to your cloud every day"),
        ("satchel schedule backup --every 1w --to /mnt/nas/satchel.age", "back up to a file every week"),
        ("satchel schedule remove backup", "remove a schedule"),
    ],
    alone=True,
)
@pass_app
def schedule(app: App, /) -> None:
    """Have your system run backups: by a systemd timer, a launchd agent or a line of your crontab.

    satchel has no background service: nothing runs until you install a schedule. You first see exactly what
    will be installed, and `satchel schedule remove` removes it. Failed runs appear in satchel status and as
    desktop notifications.
    """
    if click.get_current_context().invoked_subcommand is None:
        _print_list(app)


def schedule_options(function: F) -> F:
    """Add the options that every kind of schedule takes."""
    options = (
        click.option(
            "--every", type=DURATION, default="1d", show_default=True, help="How often: 30m, 6h, 1d, 1w."
        ),
        click.option(
            "--on-battery",
            type=click.Choice(["yes", "no"]),
            default="yes",
            show_default=True,
            help="Whether to run on battery.",
        ),
        click.option(
            "--using",
            type=click.Choice(["systemd", "launchd", "cron"]),
            help="The scheduler, instead of the one found.",
        ),
        click.option("--dry-run", is_flag=True, help="Show what would be installed, and stop."),
        click.option("--yes", is_flag=True, help="Do not ask."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@schedule.subcommand(
    "backup",
    examples=[
        ("satchel schedule backup --every 1d", "back up to your cloud every day"),
        ("satchel schedule backup --every 6h --on-battery no", "more often, but not on battery"),
        ("satchel schedule backup --dry-run", "show what would be installed"),
    ],
)
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Back up to a file instead of the cloud.",
)
@click.option(
    "--with-memory", is_flag=True, help="Include the memory, whatever the setting backup.with-memory says."
)
@schedule_options
@pass_app
def backup(app: App, /, *, target: Path | None, with_memory: bool, **options: Any) -> None:  # noqa: ANN401  passed on as they are
    """Run `satchel backup` on a schedule."""
    place = () if target is None else ("--to", str(target.expanduser().absolute()))
    arguments = ("backup", *place, *(("--with-memory",) if with_memory else ()))
    _add(app, arguments, needs_cloud=target is None, **options)


@schedule.subcommand(
    "sync",
    examples=[
        ("satchel schedule sync --every 1h", "merge your other devices' backups and back up every hour"),
        ("satchel schedule sync --dry-run", "show what would be installed"),
    ],
)
@schedule_options
@pass_app
def sync(app: App, /, **options: Any) -> None:  # noqa: ANN401  passed on as they are
    """Run `satchel sync` on a schedule: take the changes of your other devices, and back up."""
    _add(app, ("sync",), needs_cloud=True, **options)


@schedule.subcommand(
    "verify",
    examples=[
        ("satchel schedule verify --sample 1% --every 1w", "prove one Piece in a hundred every week"),
        ("satchel schedule verify --every 30d", "prove a whole backup every month"),
    ],
)
@click.option("--sample", metavar="SHARE", help="Check random Pieces only: 1%, or 20.")
@schedule_options
@pass_app
def verify(app: App, /, *, sample: str | None, **options: Any) -> None:  # noqa: ANN401  passed on as they are
    """Run `satchel verify` on a schedule, on the latest backup in the cloud."""
    if sample is not None:
        from satchel.cli.commands.backups.verify import SampleType  # noqa: PLC0415  costs over 20 ms

        SampleType().convert(sample, None, click.get_current_context())
    arguments = ("verify",) if sample is None else ("verify", "--sample", sample)
    _add(app, arguments, needs_cloud=True, **options)


def _add(
    app: App,
    arguments: tuple[str, ...],
    *,
    needs_cloud: bool,
    every: dt.timedelta,
    on_battery: str,
    using: ManagerName | None,
    dry_run: bool,
    yes: bool,
) -> None:
    existing = read_schedules(app.home)
    _check_unattended(app, needs_cloud=needs_cloud)
    wanted = Schedule(
        name=name_for(arguments, existing),
        arguments=arguments,
        every_s=int(check_every(every).total_seconds()),
        on_battery=on_battery == "yes",
        manager=using or choose_manager(sys.platform, app.environment.variables),
        created=dt.datetime.now(dt.UTC).replace(microsecond=0),
        home=str(app.home),
        environment=_carried(app),
    )
    if len({each.name for each in existing} | {wanted.name}) > MAX_SCHEDULES:
        raise UsageError(f"a home has at most {MAX_SCHEDULES} schedules", hint="satchel schedule remove NAME")
    plan = open_manager(wanted.manager, app.environment.variables).plan(Job.of(wanted, find_program()))
    if dry_run:
        app.out.answer(_fields(wanted, plan, is_installed=False), str(plan))
        return
    _ask(app, plan, yes=yes)
    _install(app, wanted, plan, existing)
    app.out.answer(
        _fields(wanted, plan, is_installed=True),
        f"{wanted.name!r} runs every {format_duration(wanted.every_s)}",
        brief=wanted.name,
    )
    app.out.note(f"to try it now: satchel schedule run {wanted.name}")
    if wanted.manager == "systemd":
        app.out.note("it runs while you are logged in; to run it always: loginctl enable-linger")


def _install(app: App, wanted: Schedule, plan: Plan, existing: tuple[Schedule, ...]) -> None:
    """Install a plan. The record is written first: a job without one would fail in every run."""
    previous = next((each for each in existing if each.name == wanted.name), None)
    if previous is not None and previous.manager != wanted.manager:
        open_manager(previous.manager, app.environment.variables).remove(previous.job_id)
    save_schedule(app.home, wanted)
    try:
        open_manager(wanted.manager, app.environment.variables).install(plan)
    except BaseException:
        if previous is None or not _put_back(app, previous):
            delete_schedule(app.home, wanted.name)
        raise


def _put_back(app: App, previous: Schedule) -> bool:
    """Install a schedule again whose replacement failed. Return False if that fails too."""
    save_schedule(app.home, previous)
    manager = open_manager(previous.manager, app.environment.variables)
    try:
        manager.install(manager.plan(Job.of(previous, find_program())))
    except (SatchelError, OSError):
        return False
    return True


def _check_unattended(app: App, *, needs_cloud: bool) -> None:
    """Raise an error if a run could not work without a person: no keys, no cloud, or a passphrase to type."""
    with app.open_store(read_only=True):
        pass
    if needs_cloud and not (app.home / "cloud.json").exists():
        raise RefusedError(
            "this device is not connected to a cloud",
            hint="connect it (satchel connect URL --pair CODE), or back up to a file with --to FILE",
        )
    if app.vault().describe().kept == "passphrase" and app.environment.passphrase_file is None:
        raise RefusedError(
            "a passphrase protects the keys, and nobody can type it during a scheduled run",
            hint="put it in a file that only you can read, set SATCHEL_PASSPHRASE_FILE to its path, and try again",
        )


def _carried(app: App) -> dict[str, str]:
    variables = app.environment.variables
    carried = {name: variables[name] for name in CARRIED if variables.get(name)}
    if not carried.get("DBUS_SESSION_BUS_ADDRESS", STABLE_BUS).startswith(STABLE_BUS):
        del carried["DBUS_SESSION_BUS_ADDRESS"]
    if app.environment.passphrase_file is not None:
        carried["SATCHEL_PASSPHRASE_FILE"] = str(app.environment.passphrase_file.expanduser().absolute())
    return carried


def _ask(app: App, plan: Plan, *, yes: bool) -> None:
    if not yes and not app.out.can_ask:
        raise UsageError(
            "installing a schedule needs your consent, and there is no terminal to ask on",
            hint="look at it with --dry-run, then add --yes",
        )
    if app.out.can_ask or not (app.out.quiet or app.out.as_json):
        app.out.notice(f"this will be installed:\n\n{plan}\n")
    if not yes and not app.out.confirm(f"install it with {plan.manager}?"):
        raise UsageError("cancelled; nothing was changed")


# -- listing, removing, running ---------------------------------------------------------------


def _complete_names(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from satchel.cli.environment import Globals, find_home  # noqa: PLC0415  only for completion

    options = ctx.find_root().obj
    home = find_home(options) if isinstance(options, Globals) else Path()
    return [each.name for each in read_schedules(home) if each.name.startswith(incomplete)]


@schedule.subcommand("list", examples=[("satchel schedule list", "list the schedules and their last runs")])
@pass_app
def list_(app: App, /) -> None:
    """List the schedules, and how their last runs ended."""
    _print_list(app)


def _print_list(app: App) -> None:
    now = dt.datetime.now(dt.UTC)
    rows = [schedule_state(app, each) for each in read_schedules(app.home)]
    app.out.table(
        lambda: {"schedules": [_list_fields(state, now) for state in rows]},
        COLUMNS,
        (_row(state, now) for state in rows),
    )
    if not rows:
        app.out.note("there are no schedules; to back up every day: satchel schedule backup --every 1d")


@schedule.subcommand(
    "remove",
    examples=[
        ("satchel schedule remove backup", "remove a schedule"),
        ("satchel schedule remove --all", "remove all of this home"),
    ],
)
@click.argument("name", metavar="NAME", required=False, shell_complete=_complete_names)
@click.option("--all", "everything", is_flag=True, help="Remove every schedule of this home.")
@pass_app
def remove(app: App, /, *, name: str | None, everything: bool) -> None:
    """Remove a schedule from the system's scheduler."""
    if (name is None) != everything:
        raise UsageError("name one schedule, or --all", hint="satchel schedule list shows them")
    chosen = read_schedules(app.home) if name is None else (find_schedule(app.home, name),)
    for each in chosen:
        open_manager(each.manager, app.environment.variables).remove(each.job_id)
        delete_schedule(app.home, each.name)
        delete_run(app.home, each.name)
    names = [each.name for each in chosen]
    app.out.answer({"removed": names}, f"removed {', '.join(names) or 'nothing'}")


@schedule.subcommand("run", examples=[("satchel schedule run backup", "run it now, as the scheduler does")])
@click.argument("name", metavar="NAME", shell_complete=_complete_names)
@click.option("--if-due", is_flag=True, help="Do nothing if the last success is recent enough.")
@pass_app
def run(app: App, /, *, name: str, if_due: bool) -> None:
    """Run a schedule now, and record how it ended. Schedulers call this with --if-due."""
    try:
        chosen = find_schedule(app.home, name)
    except NotFoundError as exc:
        raise NotFoundError(
            f"there is no schedule {name!r} in {str(app.home)!r}",
            hint="it was removed, or its home was moved; satchel schedule list shows those of a home",
        ) from exc
    code = run_now(app, chosen, if_due=if_due)
    if code:
        raise click.exceptions.Exit(code)


def _fields(planned: Schedule, plan: Plan, *, is_installed: bool) -> dict[str, object]:
    return {
        "name": planned.name,
        "command": ["satchel", *planned.arguments],
        "every_s": planned.every_s,
        "on_battery": planned.on_battery,
        "using": planned.manager,
        "files": [{"path": str(path), "content": content} for path, content in plan.files.items()],
        "lines": list(plan.lines),
        "installed": is_installed,
    }


def _list_fields(state: ScheduleState, now: dt.datetime) -> dict[str, object]:
    planned, last = state.schedule, state.run
    return {
        "name": planned.name,
        "command": ["satchel", *planned.arguments],
        "every_s": planned.every_s,
        "on_battery": planned.on_battery,
        "using": planned.manager,
        "installed": state.is_installed,
        "last_run": moment(last.started) if last else None,
        "exit_code": last.exit_code if last else None,
        "message": last.message if last else "",
        "next_run": moment(next_run(last.last_success if last else None, now, planned.every)),
    }


def _row(state: ScheduleState, now: dt.datetime) -> tuple[str, ...]:
    planned, last = state.schedule, state.run
    following = next_run(last.last_success if last else None, now, planned.every)
    return (
        planned.name,
        f"satchel {' '.join(planned.arguments)}",
        format_duration(planned.every_s),
        planned.manager,
        format_moment(last.started) if last else "none yet",
        _outcome(state),
        format_moment(following) if state.is_installed else "",
    )


def _outcome(state: ScheduleState) -> str:
    if state.is_installed is None:
        return f"unknown: no answer from {state.schedule.manager}"
    return result_of(state.run) if state.is_installed else "not installed any more"


def result_of(last: Run | None) -> str:
    """Return how a run ended, in a few words."""
    if last is None:
        return ""
    if last.finished is None:
        return "has not ended"
    return f"failed: {last.message or f'exit code {last.exit_code}'}" if last.has_failed else "done"
