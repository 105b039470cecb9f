"""Backups and their archives."""

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.web.capabilities import only_known
from satchel_service.web.documents import json_response, no_content
from satchel_service.web.requests import device_id, object_id, read_message
from satchel_service.web.responses import Blob, send_ranged
from satchel_wire.messages import BackupChange, BackupRequest, EraseBackupsRequest, Retention


async def download_archive(request: Request, cloud: Cloud) -> Response:
    """Read an archive, whole or a range of it."""
    archive = await cloud.backups.find_archive(object_id(request))
    return await send_ranged(request, cloud.environment.storage, Blob(archive.blob, archive.size_bytes))


async def list_backups(request: Request, cloud: Cloud) -> Response:
    """List live backups, kept archives, and the backups that wait for their deletion."""
    return json_response(only_known(request, await cloud.backups.list_all()))


async def commit_backup(request: Request, cloud: Cloud) -> Response:
    """Commit an uploaded archive."""
    backup_id = object_id(request)
    message = await read_message(request, BackupRequest)
    committed = await cloud.backups.commit(backup_id, message, by=device_id(request))
    await cloud.sweeper.sweep_orphans_if_due()
    return json_response(only_known(request, committed))


async def show_backup(request: Request, cloud: Cloud) -> Response:
    """Show one backup."""
    return json_response(only_known(request, await cloud.backups.show(object_id(request))))


async def change_backup(request: Request, cloud: Cloud) -> Response:
    """Change the expiry of a backup."""
    backup_id = object_id(request)
    message = await read_message(request, BackupChange)
    changed = await cloud.backups.change(backup_id, message, by=device_id(request))
    return json_response(only_known(request, changed))


async def delete_backup(request: Request, cloud: Cloud) -> Response:
    """Move a backup to deletion."""
    await cloud.backups.delete(object_id(request), by=device_id(request))
    return no_content()


async def undelete_backup(request: Request, cloud: Cloud) -> Response:
    """Bring back a backup that waits for its deletion."""
    revived = await cloud.backups.undelete(object_id(request), by=device_id(request))
    return json_response(only_known(request, revived))


async def erase_backups(request: Request, cloud: Cloud) -> Response:
    """Erase backups at once, with a code of the operator or a fresh sign-in."""
    message, by = await read_message(request, EraseBackupsRequest), device_id(request)
    await cloud.sign_in.as_owner(
        message.code,
        "erase_backups",
        by,
        lambda use_code: cloud.backups.erase(message.backups, by, use_code),
    )
    return no_content()


async def show_retention(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Show which backups are kept."""
    return json_response(await cloud.retention.show())


async def set_retention(request: Request, cloud: Cloud) -> Response:
    """Set which backups are kept."""
    message = await read_message(request, Retention)
    return json_response(await cloud.retention.set(message, by=device_id(request)))


async def preview_retention(request: Request, cloud: Cloud) -> Response:
    """Show what a retention would change."""
    return json_response(await cloud.retention.preview(await read_message(request, Retention)))
