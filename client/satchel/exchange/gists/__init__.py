"""Importing GitHub gists."""
