"""Reading a backup without restoring it: only the frames that a query touches are fetched."""
