"""`satchel-infra doctor`: what an operator should look at."""

import argparse
import sys

from satchel_infra.commands.arguments import (
    Commands,
    add_command,
    add_json,
    load,
    open_provisioner,
    print_json,
    say,
)


def add_doctor(commands: Commands) -> None:
    """Add the command."""
    command = add_command(
        commands, "doctor", "check the configuration, the records and every cloud", "doctor --json"
    )
    add_json(command)
    command.set_defaults(run=doctor)


def doctor(options: argparse.Namespace) -> int:
    """Print every finding. Exit code 1 if one is an error."""
    from satchel_infra.provisioning.checkup import examine  # noqa: PLC0415

    findings, provisioner = [], open_provisioner(options, load(options))
    for finding in examine(provisioner):
        findings.append(finding)
        if not options.json:
            sys.stdout.write(f"{finding.level.ljust(7)}  {finding.what} (hint: {finding.hint})\n")
    if options.json:
        print_json({"findings": [finding._asdict() for finding in findings]})
    elif not findings:
        say("nothing to look at")
    return 1 if any(finding.level == "error" for finding in findings) else 0
