"""Importing from massCode."""
