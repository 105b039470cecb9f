"""ID tokens: strict parsing, the issuer's public keys, and the verification of signatures.

    token = Token.parse(text)                  # not verified yet
    keys = parse_key_set(document)
    key = find_key(keys, token.header)
    verify(token, key)                         # raises TokenError unless the key's holder signed it

Only `signatures` imports the JOSE library, and only what verifies signatures: a test lists the names. It is imported at
the first sign-in. Everything else here is strict parsing with the standard library.
"""
