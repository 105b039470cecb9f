"""Commands that work on Pieces: save, find, show, edit, import and export."""
