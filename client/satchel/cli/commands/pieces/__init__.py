"""Commands that work on Pieces."""
