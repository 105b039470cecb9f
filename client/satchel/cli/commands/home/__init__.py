"""Commands that work on the home: setup, recovery, settings, status and diagnostics."""
