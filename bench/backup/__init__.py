"""Backups beside restic, borg and `zstd | age`, and their peak memory."""
