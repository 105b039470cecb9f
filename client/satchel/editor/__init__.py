"""satchel in editors: the answers of `satchel lsp` over the Language Server Protocol.

    serve(home)     # until the editor closes standard input

typed          the words before the cursor
snippets       the syntax of snippets
proposals      what a completion offers, in which order
finding        finding Pieces in an open store
descriptions   a Piece as Markdown
secret_marks   what looks like a secret in a document
saving         saving a selection
desk           the threads in which all this runs, and their limits
messages       these values as messages of the protocol
server         the server

Only `messages` and `server` import pygls and lsprotocol, which are in an extra. Nothing here opens a connection.
"""
