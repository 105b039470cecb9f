"""Importing files and folders, as `.gitignore` allows."""
