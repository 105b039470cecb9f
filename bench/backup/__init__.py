"""Backups beside restic, borg and `zstd | age`; memory."""
