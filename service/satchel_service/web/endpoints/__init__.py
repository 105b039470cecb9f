"""One function per operation, by its id: decode, call the core, encode."""

from collections.abc import Mapping
from typing import Final

from satchel_service.web.endpoints import backups, cloud, devices, shares, uploads
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
    "download_archive": backups.download_archive,
    "list_backups": backups.list_backups,
    "commit_backup": backups.commit_backup,
    "show_backup": backups.show_backup,
    "change_backup": backups.change_backup,
    "delete_backup": backups.delete_backup,
    "list_shares": shares.list_shares,
    "publish_share": shares.publish_share,
    "show_share": shares.show_share,
    "change_share": shares.change_share,
    "revoke_share": shares.revoke_share,
    "rearm_share": shares.rearm_share,
    "share_info": shares.share_info,
    "open_share": shares.open_share,
    "share_page": shares.share_page,
    "share_raw": shares.share_raw,
    "show_status": cloud.show_status,
    "erase_cloud": cloud.erase_cloud,
    "openapi": cloud.openapi,
    "live": cloud.live,
    "ready": cloud.ready,
}
