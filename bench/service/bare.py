"""The least that gunicorn and Starlette do for an opening: an application that parses a small POST and sends bytes."""

from functools import cache

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def send_bytes(request: Request) -> Response:
    """Parse the JSON body of a POST and send as many bytes as the path says."""
    if request.method == "POST":
        await request.json()
    return Response(body(request.path_params["size"]))


async def ready(request: Request) -> Response:  # noqa: ARG001
    """Answer the request that measures the start."""
    return Response(b'{"ok":true}', media_type="application/json")


@cache
def body(size_bytes: int) -> bytes:
    """Make a body once."""
    return bytes(size_bytes)


app = Starlette(
    routes=[Route("/bytes/{size:int}", send_bytes, methods=["GET", "POST"]), Route("/ready", ready)]
)
