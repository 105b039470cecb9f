"""Pairing and devices."""

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.devices.codes import create_code
from satchel_service.devices.devices import require_device
from satchel_service.times import to_time
from satchel_service.web.requests import device_id, object_id, read_message
from satchel_service.web.responses import answer, nothing
from satchel_wire.messages import PairingCode, PairRequest, PairResponse


async def pair(request: Request, cloud: Cloud) -> Response:
    """Trade a one-time code for a token."""
    message = await read_message(request, PairRequest)
    device = await cloud.pairing.redeem(message.code, message.label)
    return answer(PairResponse(device_id=device.id, token=device.token), 201)


async def create_pairing(request: Request, cloud: Cloud) -> Response:
    """Make a code for another device."""
    maker = device_id(request)
    code = await create_code(cloud.environment, allowed=lambda db: require_device(db, maker))
    return answer(PairingCode(code=code.text, expires=to_time(code.expires)), 201)


async def list_devices(request: Request, cloud: Cloud) -> Response:
    """List the connected devices."""
    return answer(await cloud.devices.show_all(device_id(request)))


async def revoke_device(request: Request, cloud: Cloud) -> Response:
    """Disconnect a device."""
    await cloud.devices.revoke(object_id(request), by=device_id(request))
    return nothing()
