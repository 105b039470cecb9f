"""One module per command or small family of commands; `satchel.cli.table` says which is where."""
