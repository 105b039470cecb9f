"""Import VS Code snippets."""
