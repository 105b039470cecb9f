"""The service: starting, opening shares."""
