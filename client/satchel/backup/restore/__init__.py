"""Restoring and verifying: assemble and inspect the database, replace the store."""
