"""The state directory of a cloud, where systemd itself would create it: see DynamicUser= in systemd.exec(5).

It is /var/lib/private/satchel-clouds/NAME, with a link /var/lib/satchel-clouds/NAME. systemd gives it and everything in
it to the cloud's user when the cloud starts.
"""

from pathlib import Path
from typing import Final

from satchel_infra.box.layout import DATA_DIR
from satchel_infra.box.registry import FULL
from satchel_infra.errors import DeniedError, FailedError, QuotaError

PRIVATE: Final = "private"


def create_state(state: Path, name: str) -> None:
    """Create the directory and its link below `state`. Raise DeniedError, QuotaError or FailedError."""
    directory, link = state / PRIVATE / DATA_DIR / name, state / DATA_DIR / name
    try:
        (state / PRIVATE).mkdir(mode=0o700, exist_ok=True)
        directory.parent.mkdir(mode=0o755, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
        link.parent.mkdir(mode=0o755, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(Path("..", PRIVATE, DATA_DIR, name))
    except PermissionError as exc:
        raise DeniedError(f"{directory}: {exc.strerror}", hint="move clouds as root") from exc
    except OSError as exc:
        error = QuotaError if exc.errno in FULL else FailedError
        raise error(f"{directory}: {exc.strerror}", hint="see the disk") from exc
