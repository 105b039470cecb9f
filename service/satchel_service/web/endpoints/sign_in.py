"""Signing in at the issuer, and the owner's account."""

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.web.documents import json_response
from satchel_service.web.requests import device_id, public_origin, read_message
from satchel_wire.messages import FreshSignInRequest, OwnerRequest, SignInRequest


async def show_sign_in(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Show where and how the owner signs in."""
    return json_response(await cloud.sign_in.show())


async def create_nonce(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Create the nonce of one ID token."""
    return json_response(await cloud.sign_in.create_nonce(), 201)


async def sign_in(request: Request, cloud: Cloud) -> Response:
    """Exchange an ID token for a device token."""
    message = await read_message(request, SignInRequest)
    return json_response(await cloud.sign_in.add_device(message, _origin(request, cloud)), 201)


async def step_up(request: Request, cloud: Cloud) -> Response:
    """Remember a fresh sign-in on the device."""
    message = await read_message(request, FreshSignInRequest)
    return json_response(await cloud.sign_in.step_up(message, _origin(request, cloud), by=device_id(request)))


async def show_account(request: Request, cloud: Cloud) -> Response:
    """Show the owner's account."""
    return json_response(await cloud.sign_in.show_account(by=device_id(request)))


async def set_owner(request: Request, cloud: Cloud) -> Response:
    """Make another account the owner."""
    message = await read_message(request, OwnerRequest)
    return json_response(
        await cloud.sign_in.set_owner(message, _origin(request, cloud), by=device_id(request))
    )


def _origin(request: Request, cloud: Cloud) -> str:
    return public_origin(request, cloud.environment.settings.public_url)
