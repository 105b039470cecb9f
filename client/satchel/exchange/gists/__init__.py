"""Import GitHub gists."""
