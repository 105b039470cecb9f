"""The commands, by subject; `satchel.cli.registry` maps each command to its module."""
