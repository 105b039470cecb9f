"""One module per command or small family of commands; `satchel.cli.registry` says which is where."""
