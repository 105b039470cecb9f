"""Creating a backup: a snapshot of the store, the names of its blocks, a plan, and one sealed archive."""
