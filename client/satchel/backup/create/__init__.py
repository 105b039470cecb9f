"""Creating a backup: read the database at one moment, name its blocks, plan, pack and seal."""
