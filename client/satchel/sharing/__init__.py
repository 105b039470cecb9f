"""Shares: one Piece, sealed, behind a link whose key never reaches the server (docs/spec/share.md).

`link` reads and writes the link, `identity` turns it (and a password) into a key and a proof, `container` and
`body` hold what is sealed, `note` is what the owner remembers of a share. These are pure. `publish` is the
owner's side and `opening` the recipient's, both over a cloud client.
"""
