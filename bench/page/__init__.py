"""The share page in a browser."""
