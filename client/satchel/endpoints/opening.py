"""Opening a chat with the endpoint of a home, and where its key is stored."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.endpoints.endpoint import read_endpoint
from satchel.errors import UsageError
from satchel.keys.devicetoken import ENDPOINT, TokenStore
from satchel.keys.systemkeyring import SystemKeyring
from satchel.version import VERSION

if TYPE_CHECKING:
    from satchel.endpoints.chat import Chat, Patience
    from satchel.outgoing.recording import Recorder
    from satchel.outgoing.tls import Trust
    from satchel.outgoing.transport import Proxies

KEY_FILE: Final = "endpoint-key.json"
MAX_KEY_CHARS: Final = 4_000


def key_store(home: Path, keyring: SystemKeyring) -> TokenStore:
    """Return where the key of the endpoint is kept: the keyring, else a private file in the home."""
    return TokenStore(home / "keys" / KEY_FILE, keyring, kind=ENDPOINT)


def check_key(text: str) -> str:
    """Return a key. Raise UsageError, which does not quote it, if it cannot be one."""
    key = text.strip()
    if not key or len(key) > MAX_KEY_CHARS or not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            "this is not a key: it must be one line of letters, digits and signs",
            hint="copy it again from the account at the vendor",
        )
    return key


def open_chat(
    home: Path,
    keys: TokenStore,
    *,
    recorder: "Recorder",
    proxies: "Proxies",
    trust: "Trust | None" = None,
    patience: "Patience | None" = None,
) -> "Chat":
    """Return a chat with the endpoint of a home. Raise NotFoundError if there is none. Nothing is sent yet."""
    endpoint = read_endpoint(home)
    # The network costs over 20 ms, and commands that only name the endpoint do not need it.
    from satchel.endpoints.chat import PATIENT, Chat  # noqa: PLC0415
    from satchel.outgoing.transport import HttpTransport  # noqa: PLC0415

    chosen = patience or PATIENT
    transport = HttpTransport(
        user_agent=f"satchel/{VERSION}",
        proxies=proxies,
        recorder=recorder,
        read_timeout_s=chosen.wait_s,
        trust=trust,
    )
    return Chat(endpoint, transport, lambda: keys.load() if keys.exists() else "", chosen)
