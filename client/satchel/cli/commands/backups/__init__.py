"""Commands that create, list, verify and restore backups."""
