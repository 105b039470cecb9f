"""Object storage for sealed objects and the log: one Protocol, one implementation per kind of store."""

from satchel_service.storage.protocol import (
    AlreadyExistsError,
    BlobInfo,
    BlobKey,
    FullError,
    NotFoundError,
    Part,
    PartPlan,
    PartSink,
    PartSizeError,
    Storage,
    StorageError,
    StoredPart,
    TransientError,
    UploadInfo,
    blob_key,
    blobs,
)

__all__ = [
    "AlreadyExistsError",
    "BlobInfo",
    "BlobKey",
    "FullError",
    "NotFoundError",
    "Part",
    "PartPlan",
    "PartSink",
    "PartSizeError",
    "Storage",
    "StorageError",
    "StoredPart",
    "TransientError",
    "UploadInfo",
    "blob_key",
    "blobs",
]
