"""Import files and folders, as `.gitignore` allows."""
