"""The view Share: the dialog, the list of links, and what becomes of them."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from satchel.errors import NotFoundError, UsageError
from satchel.sharing.body import SharedPiece
from satchel.sharing.plan import ShareLimits, card_of, plan_share
from satchel.sharing.publish import publish
from satchel.store import Piece, Store, WholeFile
from satchel.suggest.allowed_values import AllowedValues
from satchel.suggest.share_checks import Finding as FoundSecret
from satchel.suggest.share_checks import findings
from satchel.window.calls import Call
from satchel.window.core import Core, SecretsFoundError, command
from satchel.window.documents import shown, text_of
from satchel.window.messages.base import Nothing
from satchel.window.messages.jobs import Job, JobResult
from satchel.window.messages.sharing import (
    ByShare,
    Card,
    Finding,
    Published,
    RearmShareRequest,
    Revoked,
    ShareCheck,
    ShareCheckRequest,
    ShareLink,
    ShareReports,
    ShareRequest,
    Shares,
    ShareView,
    UpdateShareRequest,
)

UNITS_S: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
DEFAULTS: Final = {"share.expires": "7d", "share.views": "unlimited"}
MAX_EXPIRY: Final = timedelta(days=3_650)


def check_share(call: Call, request: ShareCheckRequest) -> ShareCheck:
    """Return what the owner should know before a Piece is shared."""
    core = call.core
    with core.open_store(read_only=True) as store:
        piece, content, files = _whole(store, request.id)
    card = card_of(SharedPiece.of(piece, content, files, now=datetime.now(UTC)))
    settings = {each["name"]: each["value"] for each in core.run("settings")["settings"]}
    return ShareCheck(
        findings=tuple(_view(one) for one in _secrets(core, piece, content, files)),
        card=Card(title=card.title, language=card.language, lines=card.lines),
        size_bytes=len(content) + sum(len(file.content) for file in files),
        files=len(files) + 1,
        cloud=_cloud_of(core),
        default_expires=settings.get("share.expires", DEFAULTS["share.expires"]),
        default_views=settings.get("share.views", DEFAULTS["share.views"]),
    )


def publish_share(call: Call, request: ShareRequest) -> Job:
    """Begin to publish a Piece. SecretsFoundError if it seems to hold a secret and the owner has not agreed."""
    with call.core.open_store(read_only=True) as store:
        piece, content, files = _whole(store, request.id)
    found = _secrets(call.core, piece, content, files)
    if found and not request.allow_secrets:
        raise _refusal(len(found))
    body = SharedPiece.of(piece, content, files, now=datetime.now(UTC))

    def work(core: Core, _run: object) -> JobResult:
        client = core.cloud()
        plan = plan_share(
            piece.id,
            body,
            ShareLimits(lifetime(request.expires), request.views),
            origin=str(client.origin),
            password=request.password,
            card=card_of(body) if request.card else None,
            owner=core.owner(),
            entropy=os.urandom,
        )
        made = publish(client, plan, progress=core.progress())
        card = made.card
        return JobResult(
            published=Published(
                id=made.id,
                link=str(plan.link),
                expires=text_of(made.expires),
                views=made.views,
                has_password=made.has_password,
                card=None
                if card is None
                else Card(title=card.title, language=card.language, lines=card.lines),
            )
        )

    return call.start(work)


def shares(call: Call, _request: Nothing) -> Shares:
    """Return all links, newest first."""
    return shown(call.core.run("shares"), Shares)


def share_link(call: Call, request: ByShare) -> ShareLink:
    """Return a link again."""
    return shown(call.core.run(*command("shares", "link", values=[request.id])), ShareLink)


def share_reports(call: Call, request: ByShare) -> ShareReports:
    """Return what was reported about a link."""
    return shown(call.core.run(*command("shares", "reports", values=[request.id])), ShareReports)


def update_share(call: Call, request: UpdateShareRequest) -> Job:
    """Begin to publish the current Piece under the same link."""
    if not request.allow_secrets:
        _refuse_secrets(call.core, request.id)
    options = {"expires": request.expires, "views": request.views, "yes": True, "allow-secrets": True}
    if request.card is not None:
        options["card" if request.card else "no-card"] = True
    return call.start_command(
        lambda document: JobResult(share=_share(document)),
        *command("shares", "update", options=options, values=[request.id]),
    )


def rearm_share(call: Call, request: RearmShareRequest) -> ShareView:
    """Set a link's count of openings to zero."""
    options = {"expires": request.expires, "views": request.views}
    return _share(call.core.run(*command("shares", "rearm", options=options, values=[request.id])))


def revoke_share(call: Call, request: ByShare) -> Revoked:
    """Revoke a link at once."""
    return shown(call.core.run(*command("shares", "revoke", values=[request.id])), Revoked)


def lifetime(text: str) -> timedelta | None:
    """Return a duration as the commands take it; None for ever. UsageError if a link cannot work that long."""
    if text == "never":
        return None
    length = timedelta(seconds=int(text[:-1]) * UNITS_S[text[-1]])
    if not timedelta(0) < length <= MAX_EXPIRY:
        raise UsageError(f"a link cannot work for {text!r}", hint="from 1s to ten years, or never")
    return length


# -- inside -------------------------------------------------------------------------------------


def _whole(store: Store, piece_id: str) -> tuple[Piece, bytes, tuple[WholeFile, ...]]:
    piece = store.piece(piece_id)
    return piece, store.content(piece.id), store.files(piece.id)


def _secrets(
    core: Core, piece: Piece, content: bytes, files: tuple[WholeFile, ...]
) -> tuple[FoundSecret, ...]:
    found = findings(piece, content, files)
    return tuple(AllowedValues.read(core.home).without(found)) if found else ()


def _refuse_secrets(core: Core, share: str) -> None:
    """Raise SecretsFoundError if the Piece of a link seems to hold a secret."""
    listed = shown(core.run("shares"), Shares).shares
    piece_id = next((each.piece for each in listed if each.id.startswith(share)), None)
    if piece_id is None:
        return
    try:
        with core.open_store(read_only=True) as store:
            found = _secrets(core, *_whole(store, piece_id))
    except NotFoundError:  # the command says so
        return
    if found:
        raise _refusal(len(found))


def _refusal(count: int) -> SecretsFoundError:
    what = "a secret" if count == 1 else f"{count:,} secrets"
    return SecretsFoundError(f"not shared: it seems to hold {what}", hint="look at the findings first")


def _share(document: Any) -> ShareView:  # noqa: ANN401  a document of a command
    """Return a link from a document that does not tell its Piece."""
    return msgspec.convert({"piece": None, "title": None, **document}, ShareView)


def _cloud_of(core: Core) -> str | None:
    from satchel.cloud.connection import is_connected, read_connection  # noqa: PLC0415  costs over 20 ms

    return str(read_connection(core.home).origin) if is_connected(core.home) else None


def _view(one: FoundSecret) -> Finding:
    return Finding(place=one.place, file=one.file, line=one.line, rule=one.rule, message=one.message)
