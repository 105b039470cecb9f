"""What the page needs first: the state of the home, its keys, and the jobs of the window."""

from typing import Final

from satchel.errors import NotFoundError
from satchel.models.embedding import is_available
from satchel.pieces.fields import MAX_CONTENT_BYTES, MAX_FILES
from satchel.version import VERSION
from satchel.window.calls import Call
from satchel.window.messages.base import Done, Nothing
from satchel.window.messages.jobs import ByJob, Job, Jobs
from satchel.window.messages.session import Hello, ProofRequest, WindowProof
from satchel.window.messages.settings import UnlockRequest
from satchel.window.window_key import WindowKey

MEMORY_FILE: Final = "memory.db"


def hello(call: Call, _request: Nothing) -> Hello:
    """Return what the page needs at its start."""
    core = call.core
    vault = core.vault()
    has_keys = vault.exists()
    with core.open_store() as store:
        return Hello(
            version=VERSION,
            home=str(core.home),
            store_id=store.store_id,
            change=store.change_counter,
            pieces=store.count(),
            is_read_only=store.read_only,
            has_keys=has_keys,
            is_locked=has_keys and _is_locked(call),
            cloud=_cloud(call),
            is_offline=core.is_offline(),
            has_meaning=is_available(),
            has_image_reader=_has_image_reader(),
            has_memory=(core.home / MEMORY_FILE).exists(),
            max_piece_bytes=MAX_CONTENT_BYTES,
            max_files=MAX_FILES,
        )


def unlock(call: Call, request: UnlockRequest) -> Done:
    """Open the keys with a passphrase, and keep it until the window closes. RefusedError if it is wrong."""
    call.core.vault().load(lambda: request.passphrase)
    call.window.passphrase.set(request.passphrase)
    return Done()


def prove_window(call: Call, request: ProofRequest) -> WindowProof:
    """Sign a challenge of the browser extension. The origin is the server's own, whatever the page says."""
    home = call.core.home
    key = WindowKey.of(home)
    signature = key.sign(call.window.session.origin, bytes.fromhex(request.challenge))
    return WindowProof(public_key=key.public.hex(), signature=signature.hex(), home=str(home))


def job(call: Call, request: ByJob) -> Job:
    """Return one job."""
    return call.window.jobs.find(request.id)


def jobs(call: Call, _request: Nothing) -> Jobs:
    """Return all jobs of this window."""
    return Jobs(jobs=call.window.jobs.all())


def cancel_job(call: Call, request: ByJob) -> Job:
    """Interrupt a job at its next progress."""
    return call.window.jobs.cancel(request.id)


def _is_locked(call: Call) -> bool:
    is_under_passphrase = call.core.vault().describe().kept == "passphrase"
    has_file = bool(call.core.variables().get("SATCHEL_PASSPHRASE_FILE"))
    return is_under_passphrase and not has_file and not call.window.passphrase.is_known


def _cloud(call: Call) -> str | None:
    if not (call.core.home / "cloud.json").exists():
        return None
    from satchel.cloud.connection import read_connection  # noqa: PLC0415  costs over 20 ms

    try:
        return str(read_connection(call.core.home).origin)
    except NotFoundError:
        return None


def _has_image_reader() -> bool:
    from importlib.util import find_spec  # noqa: PLC0415
    from shutil import which  # noqa: PLC0415

    return find_spec("rapidocr") is not None or which("tesseract") is not None
