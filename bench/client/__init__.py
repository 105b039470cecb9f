"""The command line: search and cold start."""
