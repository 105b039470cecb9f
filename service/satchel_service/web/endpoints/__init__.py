"""One function per operation, by its id: decode, call the core, encode."""

from collections.abc import Mapping
from typing import Final

from satchel_service.web.endpoints import cloud, devices, uploads
from satchel_service.web.mounting import Endpoint

ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    "pair": devices.pair,
    "create_pairing": devices.create_pairing,
    "list_devices": devices.list_devices,
    "revoke_device": devices.revoke_device,
    "announce_upload": uploads.announce_upload,
    "show_upload": uploads.show_upload,
    "abort_upload": uploads.abort_upload,
    "put_part": uploads.put_part,
    "complete_upload": uploads.complete_upload,
    "live": cloud.live,
    "ready": cloud.ready,
}
