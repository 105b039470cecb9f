"""Where sealed objects are kept: one Protocol, and an implementation per kind of store."""

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
    "UploadInfo",
    "blob_key",
    "blobs",
]
