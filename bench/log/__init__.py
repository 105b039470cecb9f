"""The log of the micro-database: commits, waking, costs."""
