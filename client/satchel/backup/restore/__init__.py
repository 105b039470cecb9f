"""Restoring and verifying: open untrusted archives, assemble and inspect the database, replace the store."""
