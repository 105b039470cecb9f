"""Commands for editors: the server of the Language Server Protocol."""
