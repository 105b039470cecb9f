"""How a client of a cloud is put together: network, patience, token."""

import secrets
import time
from importlib.metadata import version

from satchel.cloud.address import Origin
from satchel.cloud.client import CloudClient, DeviceToken
from satchel.cloud.proxies import Proxies
from satchel.cloud.retrying import BRIEF, Patience, Retrying
from satchel.cloud.transport import UrllibTransport


def dial(
    origin: Origin, token: DeviceToken | None = None, *, proxies: Proxies, patience: Patience = BRIEF
) -> CloudClient:
    """Return a client; nothing is sent yet."""
    transport = UrllibTransport(
        user_agent=f"satchel/{version('satchel')}", proxies=proxies, read_timeout_s=patience.answer_s
    )
    draw = secrets.SystemRandom().random
    retrying = Retrying(transport, patience, wait=time.sleep, draw=draw, clock=time.monotonic)
    return CloudClient(origin, retrying, token=token)
