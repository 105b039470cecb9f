"""`satchel-infra serve`: the service that makes a cloud for each owner who signs in, and takes it down.

    app = make_application(Interface(sign_ins, work, ...))     # Starlette, in gunicorn's worker

It has no database. An ID token says who asks; a ticket carries that through the requests that follow; the platform's
own list says what exists. docs/spec/provisioner.md describes names, tickets and tombstones.
"""
