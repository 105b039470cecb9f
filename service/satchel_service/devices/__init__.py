"""Devices of the owner: pairing codes, tokens, revocation."""
