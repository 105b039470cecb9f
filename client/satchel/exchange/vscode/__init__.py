"""Importing VS Code snippets."""
