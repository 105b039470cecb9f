"""Signing in at the issuer (OpenID Connect) that the owner's cloud trusts.

    offer = find_offer(client, transport)            # what the cloud and the issuer say; opens nothing
    session = sign_in(offer, client, transport, show=print)
    client.sign_in(SignInRequest(id_token=session.token.value, nonce=session.nonce, label=label))

Signing in proves to the cloud who is asking. It never decrypts anything: only the recovery words do.

`issuer` reads and checks the issuer's metadata, `authorization` builds the request for the browser and reads its
answer, `endpoints` sends requests to the issuer, `id_token` checks what it issues, `device_flow` signs in without a
browser on this device, `browser` opens one, `flow` joins them, `account` stores what this home knows of its account.
"""
