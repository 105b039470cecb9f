"""A refusal on its way to the client: raised anywhere below an endpoint, answered as an RFC 9457 document."""

from satchel_wire.problems import ProblemCode

Fields = tuple[tuple[str, str], ...]


class ProblemError(Exception):
    """Refuse a request. `detail` is for people; it never holds a secret or anything that was sealed.

    `fields` pairs the fields that do not fit with the reasons.
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
    """`what` is not here; nothing tells whether it ever was."""
    return ProblemError(ProblemCode.NOT_FOUND, f"there is no such {what}")


def invalid(field: str, reason: str) -> ProblemError:
    """One field of a message does not fit."""
    return ProblemError(ProblemCode.INVALID, f"{field}: {reason}", fields=((field, reason),))
