"""Shares: one Piece, sealed, behind a link whose key never reaches the server (docs/spec/share.md).

`link` parses and formats links, `identity` derives a key and a proof from a link and a password, `container` and
`body` are the sealed content, `note` is the owner's record of a share, and `plan` prepares a share. These are pure.
`publish` has the operations of the owner and `recipient` those of a recipient, both over a cloud client.
"""
