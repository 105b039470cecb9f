"""Import from Pieces for Developers."""
