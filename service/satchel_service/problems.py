"""Exceptions that the service turns into RFC 9457 problem documents."""

from satchel_wire.problems import ProblemCode

Fields = tuple[tuple[str, str], ...]


class ProblemError(Exception):
    """A refused request. `detail` is text for people and never contains a secret or sealed data.

    `fields` pairs each invalid field with the reason.
    """

    def __init__(
        self,
        code: ProblemCode,
        detail: str = "",
        *,
        fields: Fields = (),
        retry_after_s: int | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(code.code)
        self.code = code
        self.detail = detail
        self.fields = fields
        self.retry_after_s = retry_after_s
        self.headers = headers


def not_found(what: str) -> ProblemError:
    """Return a `not-found` problem. It does not reveal whether the resource ever existed."""
    return ProblemError(ProblemCode.NOT_FOUND, f"there is no such {what}")


def not_signed_in() -> ProblemError:
    """Return the problem of a request without the token of a connected device; the same for every such request."""
    return ProblemError(ProblemCode.NOT_SIGNED_IN, headers=(("WWW-Authenticate", "Bearer"),))


def invalid(field: str, reason: str) -> ProblemError:
    """Return an `invalid` problem about one field of a message."""
    return ProblemError(ProblemCode.INVALID, f"{field}: {reason}", fields=((field, reason),))


class UnknownTokenError(ProblemError):
    """A token that is not that of a connected device. `device` had it before it was revoked; empty if unknown."""

    def __init__(self, device: str = "") -> None:
        problem = not_signed_in()
        super().__init__(problem.code, problem.detail, headers=problem.headers)
        self.device = device
