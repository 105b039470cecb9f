"""The commands that need a configuration: one module each, which imports its work when it runs."""
