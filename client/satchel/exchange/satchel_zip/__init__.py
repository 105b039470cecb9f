"""satchel's own export: a zip file of readable files and `pieces.json`."""
