"""Backups and their archives."""

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.web.requests import object_id, read_message
from satchel_service.web.responses import Blob, json_response, no_content, send_ranged
from satchel_wire.messages import BackupChange, BackupRequest


async def download_archive(request: Request, cloud: Cloud) -> Response:
    """Read an archive, whole or a range of it."""
    archive = await cloud.backups.find_archive(object_id(request))
    return await send_ranged(request, cloud.environment.storage, Blob(archive.blob, archive.size_bytes))


async def list_backups(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """List live backups and kept archives."""
    return json_response(await cloud.backups.list_all())


async def commit_backup(request: Request, cloud: Cloud) -> Response:
    """Commit an uploaded archive."""
    backup_id = object_id(request)
    message = await read_message(request, BackupRequest)
    committed = await cloud.backups.commit(backup_id, message)
    await cloud.sweeper.sweep_orphans_if_due()
    return json_response(committed)


async def show_backup(request: Request, cloud: Cloud) -> Response:
    """Show one backup."""
    return json_response(await cloud.backups.show(object_id(request)))


async def change_backup(request: Request, cloud: Cloud) -> Response:
    """Change the expiry of a backup."""
    backup_id = object_id(request)
    message = await read_message(request, BackupChange)
    return json_response(await cloud.backups.change(backup_id, message))


async def delete_backup(request: Request, cloud: Cloud) -> Response:
    """Delete a backup."""
    await cloud.backups.delete(object_id(request))
    return no_content()
