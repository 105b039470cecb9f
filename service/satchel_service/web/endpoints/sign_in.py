"""Signing in at the issuer."""

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.web.responses import json_response


async def show_sign_in(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Show where and how the owner signs in."""
    return json_response(await cloud.sign_in.show())


async def create_nonce(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Create the nonce of one ID token."""
    return json_response(await cloud.sign_in.create_nonce(), 201)
