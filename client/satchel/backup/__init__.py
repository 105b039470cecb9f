"""The operations on backups: back up, verify, restore, list, delete, over any destination.

Import the rooms by name: this package imports nothing by itself.
"""
