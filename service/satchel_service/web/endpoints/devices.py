"""Pairing and devices."""

import apsw
from starlette.requests import Request
from starlette.responses import Response

from satchel_service.audit import by_device
from satchel_service.callers import require_device
from satchel_service.cloud import Cloud
from satchel_service.devices.codes import create_code
from satchel_service.times import to_time
from satchel_service.web.documents import json_response, no_content
from satchel_service.web.requests import device_id, object_id, read_message
from satchel_wire.messages import PairingCode, PairRequest, PairResponse


async def pair(request: Request, cloud: Cloud) -> Response:
    """Exchange a one-time pairing code for a device token."""
    message = await read_message(request, PairRequest)
    device = await cloud.pairing.redeem(message.code, message.label)
    return json_response(PairResponse(device_id=device.id, token=device.token), 201)


async def create_pairing(request: Request, cloud: Cloud) -> Response:
    """Create a pairing code for another device."""
    creator = device_id(request)

    def check(db: apsw.Connection) -> None:
        require_device(db, creator)
        cloud.sign_in.require_fresh(db, creator)

    code = await create_code(cloud.environment, maker=by_device(creator), check=check)
    return json_response(PairingCode(code=code.text, expires=to_time(code.expires)), 201)


async def list_devices(request: Request, cloud: Cloud) -> Response:
    """List the connected devices."""
    return json_response(await cloud.devices.list_all(device_id(request)))


async def revoke_device(request: Request, cloud: Cloud) -> Response:
    """Disconnect a device."""
    by = device_id(request)
    await cloud.devices.revoke(object_id(request), by, lambda db: cloud.sign_in.require_fresh(db, by))
    return no_content()
