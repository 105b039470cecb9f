"""An owner who publishes shares, well-formed or not."""

import base64
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from tests.support.recorders import InMemory

from satchel.age import X25519Identity, seal
from satchel.cloud.client import CloudClient
from satchel.cloud.signed_client import DeviceToken
from satchel.cloud.uploads import BytesSource, upload
from satchel.outgoing.address import Origin
from satchel.outgoing.retrying import INTERACTIVE, RetryingTransport
from satchel.outgoing.transport import HttpTransport, Proxies
from satchel.sharing.body import SharedPiece, to_zip
from satchel.sharing.identity import LinkSecret, PasswordProfile, ShareKey, share_key
from satchel.sharing.link import ShareLink
from satchel_wire import messages

BodyMaker = Callable[[ShareKey], bytes]
SHARED: Final = "2026-03-01T12:00:00Z"


@dataclass(frozen=True)
class Published:
    """A share as its owner sees it. `repr` hides the key and the identity."""

    id: str
    address: str
    key: str = field(repr=False)
    identity: X25519Identity = field(repr=False)

    @property
    def link(self) -> str:
        return f"{self.address}#{self.key}"


@dataclass(frozen=True)
class Limits:
    """The limits of a share, its password and its card."""

    views: int | None = None
    expires: datetime | None = None
    password: str | None = None
    card: messages.Card | None = None


UNLIMITED: Final = Limits()


class Publisher:
    """The owner of a cloud, connected by a pairing code."""

    def __init__(self, url: str, pairing_code: str) -> None:
        self.origin = Origin.parse(url)
        network = HttpTransport(
            user_agent="satchel-tests", proxies=Proxies(), recorder=InMemory(), read_timeout_s=30
        )
        transport = RetryingTransport(
            network, INTERACTIVE, wait=time.sleep, draw=random.random, clock=time.monotonic
        )
        paired = CloudClient(self.origin, transport).pair(messages.PairRequest(code=pairing_code))
        self.client = CloudClient(self.origin, transport, token=DeviceToken(paired.token))

    def share(
        self,
        content: bytes | str,
        *,
        title: str = "a Piece",
        description: str = "",
        language: str = "",
        media_type: str = "text/plain",
        tags: tuple[str, ...] = (),
        links: tuple[str, ...] = (),
        limits: Limits = UNLIMITED,
    ) -> Published:
        data = content.encode() if isinstance(content, str) else content
        piece = SharedPiece(data, title, description, language, media_type, tags, links, SHARED)
        return self.share_zip(to_zip(piece), limits)

    def share_zip(self, data: bytes, limits: Limits = UNLIMITED) -> Published:
        """Publish any zip, sealed correctly."""
        return self._publish(lambda key: seal(data, [key.recipient]), limits)

    def share_sealed_by(self, body_for: BodyMaker, limits: Limits = UNLIMITED) -> Published:
        """Publish any body; `body_for` makes it from the share's key."""
        return self._publish(body_for, limits)

    def _publish(self, body_for: BodyMaker, limits: Limits) -> Published:
        link = ShareLink(str(self.origin), os.urandom(16).hex(), LinkSecret(os.urandom(32)))
        profile = None if limits.password is None else PasswordProfile(os.urandom(16))
        key = share_key(link.secret, password=limits.password, profile=profile)
        upload_id = os.urandom(16).hex()
        upload(self.client, upload_id, "share", BytesSource(body_for(key)), sent=lambda _: None)
        self.client.publish_share(
            link.share_id,
            messages.ShareRequest(
                upload=upload_id,
                proof_sha256=key.proof_sha256,
                views=limits.views,
                expires=limits.expires,
                password=wire_profile(profile),
                card=limits.card,
            ),
        )
        return Published(link.share_id, link.address, str(link).partition("#")[2], key.identity)

    def update(self, share: Published, content: str, *, version: int) -> None:
        """Replace the text of a share."""
        upload_id = os.urandom(16).hex()
        piece = SharedPiece(content.encode(), "a Piece", "", "", "text/plain", (), (), SHARED)
        body = seal(to_zip(piece), [share.identity.recipient])
        upload(self.client, upload_id, "share", BytesSource(body), sent=lambda _: None)
        self.client.change_share(share.id, messages.ShareChange(version=version, upload=upload_id))

    def open(self, share: Published) -> None:
        """Take a view, as a recipient does."""
        proof = share_key(LinkSecret(bytes(share.identity))).proof
        self.client.open_share(share.id, messages.OpenRequest(proof=proof), limit_bytes=1 << 20)

    def proof(self, share: Published) -> str:
        """Return the proof of the share's key in base64."""
        return base64.b64encode(share_key(LinkSecret(bytes(share.identity))).proof).decode()

    def opened(self, share: Published) -> int:
        """Return how often a share was opened."""
        return next(one.opened for one in self.client.shares() if one.id == share.id)

    def reports(self, share: Published) -> list[tuple[str, str]]:
        """Return the reasons and texts of a share's reports."""
        return [(one.reason, one.text) for one in self.client.share_reports(share.id)]

    def revoke(self, share: Published) -> None:
        self.client.revoke_share(share.id)


def wire_profile(profile: PasswordProfile | None) -> messages.PasswordProfile | None:
    return None if profile is None else messages.PasswordProfile(salt=profile.salt, log_n=profile.log_n)
