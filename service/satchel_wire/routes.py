"""The paths of the cloud's interface. The service mounts these templates; the client fills them in.

`satchel_wire.operations` describes each method of a path.
"""

from typing import Final

PAIR: Final = "/v1/pair"
PAIRINGS: Final = "/v1/pairings"
DEVICES: Final = "/v1/devices"
DEVICE: Final = "/v1/devices/{id}"
UPLOAD: Final = "/v1/uploads/{id}"
UPLOAD_PART: Final = "/v1/uploads/{id}/parts/{number}"
UPLOAD_COMPLETE: Final = "/v1/uploads/{id}/complete"
ARCHIVE: Final = "/v1/archives/{id}"
BACKUPS: Final = "/v1/backups"
BACKUP: Final = "/v1/backups/{id}"
SHARES: Final = "/v1/shares"
SHARE: Final = "/v1/shares/{id}"
SHARE_REARM: Final = "/v1/shares/{id}/rearm"
SHARE_INFO: Final = "/v1/shares/{id}/info"
SHARE_OPEN: Final = "/v1/shares/{id}/open"
SHARE_REPORTS: Final = "/v1/shares/{id}/reports"
STATUS: Final = "/v1/status"
CLOUD: Final = "/v1/cloud"
OPENAPI: Final = "/v1/openapi.json"
SHARE_PAGE: Final = "/s/{id}"
SHARE_RAW: Final = "/s/{id}/raw"
SHARE_REPORT: Final = "/s/{id}/report"
LIVE: Final = "/live"
READY: Final = "/ready"
