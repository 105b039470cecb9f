"""Creating a backup: a snapshot of the store, frames of its blocks, and one sealed archive."""
