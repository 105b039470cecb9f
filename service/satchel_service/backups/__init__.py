"""Backups of the owner: uploads, committed archives, usage."""
