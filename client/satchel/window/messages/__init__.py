"""The messages between the page and its server: JSON objects, whose fields have the names of `--json`.

Times are RFC 3339 in UTC with milliseconds, sizes are in bytes, and ids of Pieces are whole. Requests are strict: an
unknown field is an error. The page ignores fields that it does not know.
"""
