"""Import massCode snippets."""
