"""Signing in at an issuer (OpenID Connect): nonces, checks of ID tokens, the owner, second factors, step-up.

    info = await sign_in.show()                      # where to sign in
    nonce = await sign_in.create_nonce()             # goes into the ID token
    device = await sign_in.add_device(request)       # the ID token becomes the token of a device
    await sign_in.step_up(device_id, request)        # a fresh sign-in on a connected device

ID tokens are used for nothing else. Signatures are verified in `satchel_service.tokens`.
"""
