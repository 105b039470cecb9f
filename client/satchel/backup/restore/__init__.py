"""Restoring and verifying: open an archive that may be hostile, assemble the database, replace the store."""
