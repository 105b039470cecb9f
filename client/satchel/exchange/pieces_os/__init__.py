"""Importing from Pieces for Developers."""
