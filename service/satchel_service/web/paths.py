"""What endpoints read from the path and from who asks."""

from typing import Final

from starlette.requests import Request

from satchel_service.problems import not_found

ID_LETTERS: Final = frozenset("0123456789abcdef")


def object_id(request: Request) -> str:
    """Return the `{id}` of the path; anything but 32 hex digits names nothing."""
    text: str = request.path_params["id"]
    if len(text) != 32 or not ID_LETTERS.issuperset(text):
        raise not_found("id")
    return text


def device_id(request: Request) -> str:
    """Return the device that makes the request."""
    found: str = request.scope["satchel.device"]
    return found
