"""Opening a link at a hostile cloud yields the sealed Piece or an error."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from satchel.cloud.client import CloudClient
from satchel.cloud.problems import EndedError, refusal
from satchel.errors import IntegrityError, NotFoundError, RefusedError, SatchelError, UnreachableError
from satchel.outgoing.address import Origin
from satchel.outgoing.failures import NoResponseError
from satchel.outgoing.transport import Request, Response
from satchel.sharing.body import SharedPiece, seal_piece
from satchel.sharing.identity import LinkSecret, PasswordProfile, ShareKey, share_key
from satchel.sharing.link import ShareLink
from satchel.sharing.recipient import MAX_GUESSES, open_link
from satchel_wire.messages import Problem
from satchel_wire.problems import ProblemCode

ORIGIN = Origin.parse("http://127.0.0.1:9")
LINK = ShareLink(str(ORIGIN), "ab" * 16, LinkSecret(b"\x05" * 32))
PROFILE = PasswordProfile(b"\x09" * 16)


@dataclass
class Cloud:
    """Holds one share and responds like the service; tests replace its responses."""

    key: ShareKey
    body: bytes
    profile: PasswordProfile | None = None
    is_live: bool = True
    answers: dict[str, Callable[[], Response]] = field(default_factory=dict)
    opened: int = 0
    requests: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        what = request.url.rpartition("/")[2]
        if what in self.answers:
            return self.answers[what]()
        return self._info() if what == "info" else self._open(request.body or b"")

    def _info(self) -> Response:
        if not self.is_live:
            return problem(ProblemCode.NOT_FOUND)
        password = None
        if self.profile is not None:
            salt = msgspec.json.decode(msgspec.json.encode(self.profile.salt))
            password = {"salt": salt, "log_n": self.profile.log_n}
        return Response(200, {}, json.dumps({"limited": True, "password": password}).encode())

    def _open(self, body: bytes) -> Response:
        if msgspec.json.decode(body)["proof"] != msgspec.json.decode(msgspec.json.encode(self.key.proof)):
            return problem(ProblemCode.WRONG_PROOF if self.is_live else ProblemCode.NOT_FOUND)
        if not self.is_live:
            return problem(ProblemCode.USED_UP)
        self.opened += 1
        return Response(200, {}, self.body)


def problem(code: ProblemCode) -> Response:
    document = Problem(type=code.type, title=code.title, status=code.status)
    return Response(code.status, {}, msgspec.json.encode(document))


def cloud_with(piece: SharedPiece, *, password: str | None = None) -> Cloud:
    profile = PROFILE if password is not None else None
    key = share_key(LINK.secret, password=password, profile=profile)
    return Cloud(key, seal_piece(piece, key), profile)


def never(_guess: int) -> str | None:
    raise AssertionError("a password was asked for")


def read(cloud: Cloud, ask: Callable[[int], str | None] = never) -> SharedPiece:
    return open_link(CloudClient(ORIGIN, cloud), LINK, ask)


def test_a_share_opens_with_two_requests(piece: SharedPiece) -> None:
    cloud = cloud_with(piece)
    assert read(cloud) == piece
    assert [request.method for request in cloud.requests] == ["GET", "POST"]


def test_no_request_contains_the_key(piece: SharedPiece) -> None:
    cloud = cloud_with(piece)
    read(cloud)
    key = str(LINK).partition("#")[2].encode()
    sent = b"".join(request.url.encode() + (request.body or b"") for request in cloud.requests)
    assert not any(key[at : at + 8] in sent for at in range(len(key) - 8))
    assert bytes(LINK.secret) not in sent
    assert not any(request.headers.get("Authorization") for request in cloud.requests)


def test_a_wrong_password_can_be_corrected(piece: SharedPiece) -> None:
    cloud = cloud_with(piece, password="right")
    guesses = iter(["wrong", "right"])
    assert read(cloud, lambda _guess: next(guesses)) == piece
    assert cloud.opened == 1


def test_password_attempts_are_limited(piece: SharedPiece) -> None:
    cloud, asked = cloud_with(piece, password="right"), list[int]()

    def ask(guess: int) -> str:
        asked.append(guess)
        return "wrong"

    with pytest.raises(RefusedError, match="password does not open"):
        read(cloud, ask)
    assert asked == list(range(1, MAX_GUESSES + 1))
    assert cloud.opened == 0


def test_giving_up_is_a_wrong_password(piece: SharedPiece) -> None:
    with pytest.raises(RefusedError, match="password does not open"):
        read(cloud_with(piece, password="right"), lambda _guess: None)


def test_the_key_tells_an_ended_share_from_an_unknown_one(piece: SharedPiece) -> None:
    cloud = cloud_with(piece)
    cloud.is_live = False
    with pytest.raises(EndedError, match="reached its view limit"):
        read(cloud)


def test_an_ended_share_with_a_password_is_not_found(piece: SharedPiece) -> None:
    cloud = cloud_with(piece, password="right")
    cloud.is_live = False
    with pytest.raises(NotFoundError, match="or it has ended"):
        read(cloud)


def test_a_share_that_ends_between_the_two_requests_has_ended(piece: SharedPiece) -> None:
    cloud = cloud_with(piece)
    cloud.answers["open"] = lambda: problem(ProblemCode.USED_UP)
    with pytest.raises(EndedError):
        read(cloud)


@pytest.mark.parametrize("log_n", [14, 15, 19, 20])
def test_a_cloud_cannot_choose_a_work_factor_outside_the_limits(piece: SharedPiece, log_n: int) -> None:
    cloud = cloud_with(piece, password="right")
    cloud.profile = PasswordProfile(PROFILE.salt, log_n)
    with pytest.raises(RefusedError, match="work factor"):
        read(cloud, lambda _guess: "right")
    assert [request.method for request in cloud.requests] == ["GET"]


def test_a_cloud_that_claims_a_password_learns_nothing_of_it(piece: SharedPiece) -> None:
    """The proof depends on both secret and password, and the body opens with no other key."""
    cloud = cloud_with(piece)
    cloud.profile = PROFILE
    with pytest.raises(RefusedError):
        read(cloud, lambda _guess: "my password")
    assert not any(b"my password" in (request.body or b"") for request in cloud.requests)


@pytest.mark.parametrize("change", ["flipped", "cut", "other key", "empty", "not sealed"])
def test_a_body_not_sealed_by_the_owner_is_refused(piece: SharedPiece, change: str) -> None:
    cloud = cloud_with(piece)
    stranger = share_key(LinkSecret(b"\x06" * 32))
    cloud.body = {
        "flipped": cloud.body[:-1] + bytes([cloud.body[-1] ^ 1]),
        "cut": cloud.body[:-1],
        "other key": seal_piece(piece, stranger),
        "empty": b"",
        "not sealed": piece.content,
    }[change]
    with pytest.raises(IntegrityError):
        read(cloud)


@pytest.mark.parametrize("code", list(ProblemCode), ids=lambda code: code.code)
@pytest.mark.parametrize("what", ["info", "open"])
def test_every_refusal_becomes_a_satchel_error(piece: SharedPiece, what: str, code: ProblemCode) -> None:
    cloud = cloud_with(piece)
    cloud.answers[what] = lambda: problem(code)
    if what == "info" and isinstance(refusal(problem(code)), NotFoundError):
        assert read(cloud) == piece  # a holder of the key still tries to open it: the share may be live again
        return
    with pytest.raises(SatchelError):
        read(cloud)


def test_a_lost_response_is_reported(piece: SharedPiece) -> None:
    cloud = cloud_with(piece)

    def lose() -> Response:
        raise NoResponseError("no answer", hint="", was_sent=True)

    cloud.answers["open"] = lose
    with pytest.raises(UnreachableError, match="may have been used"):
        read(cloud)
