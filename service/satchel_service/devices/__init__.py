"""Devices: pairing codes, tokens and revocation."""
