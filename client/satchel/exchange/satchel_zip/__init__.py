"""satchel's own export: a zip of readable files and `pieces.json`."""
