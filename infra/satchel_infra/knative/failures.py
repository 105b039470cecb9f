"""What the API server's refusals mean for the caller.

A refusal is a Status object of Kubernetes: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from satchel_infra.errors import (
    ConfigurationError,
    DeniedError,
    FailedError,
    InfraError,
    QuotaError,
    UnavailableError,
    one_line,
)

MAX_TOKEN_CHARS: Final = 4096
AGAIN: Final = "try again in a moment"
PREPARE_HINT: Final = "apply what `satchel-infra render knative` prints, as an administrator"
KNATIVE_HINT: Final = "docs/guides/knative.md lists what the cluster needs"


class ConflictError(UnavailableError):
    """Somebody else has changed the object since it was read: read it again."""


class ExpiredError(UnavailableError):
    """A list took so long that its pages are gone. `token` continues it from a later moment; it may be empty."""

    def __init__(self, message: str, *, hint: str, token: str) -> None:
        super().__init__(message, hint=hint)
        self.token = token


@dataclass(frozen=True, slots=True)
class Refusal:
    """A response that is not a success. `what` names the request, such as `create services.serving.knative.dev 'c…'`."""

    status: int
    what: str
    reason: str = ""
    message: str = ""
    causes: tuple[str, ...] = ()
    details_name: str = ""
    details_kind: str = ""
    token: str = ""

    @classmethod
    def parse(cls, status: int, what: str, body: bytes) -> "Refusal":
        """Read a response. One that is not a Status object has no reason."""
        try:
            fields = json.loads(body)
        except ValueError:
            fields = None
        if not isinstance(fields, dict) or fields.get("kind") != "Status":
            return cls(status, what)
        details = _dict(fields.get("details"))
        causes = details.get("causes")
        return cls(
            status,
            what,
            reason=str(fields.get("reason") or ""),
            message=one_line(str(fields.get("message") or "")),
            causes=tuple(
                str(_dict(cause).get("reason", "")) for cause in (causes if isinstance(causes, list) else ())
            ),
            details_name=str(details.get("name") or ""),
            details_kind=str(details.get("kind") or ""),
            token=str(_dict(fields.get("metadata")).get("continue") or "")[:MAX_TOKEN_CHARS],
        )

    @property
    def is_absent_object(self) -> bool:
        """Whether the object does not exist, while its kind and its namespace do."""
        return (
            self.status == 404
            and self.reason == "NotFound"
            and bool(self.details_name)
            and self.details_kind != "namespaces"
        )

    @property
    def is_taken_name(self) -> bool:
        """Whether an object of this name exists already."""
        return self.status == 409 and self.reason == "AlreadyExists"


def translate(refusal: Refusal) -> InfraError:  # noqa: PLR0911  one line for each meaning
    """Return the error that a refusal stands for."""
    text = f"{refusal.what}: {refusal.message or f'the API server responds with {refusal.status}'}"
    match refusal.status:
        case 401:
            return DeniedError(
                f"{refusal.what}: the API server does not accept the credentials",
                hint="renew the credentials of the kubeconfig",
            )
        case 403:
            return _translate_forbidden(refusal, text)
        case 404 if refusal.details_kind == "namespaces":
            return ConfigurationError(text, hint=PREPARE_HINT)
        case 404:
            return ConfigurationError(f"{refusal.what}: the cluster has no such resource", hint=KNATIVE_HINT)
        case 409:
            return ConflictError(text, hint=AGAIN)
        case 410:
            return ExpiredError(text, hint=AGAIN, token=refusal.token)
        case 429:
            return UnavailableError(text, hint="wait a moment: the API server limits the rate of requests")
        case status if status >= 500:
            return UnavailableError(text, hint=AGAIN)
        case _:
            return FailedError(text, hint=KNATIVE_HINT)


def _translate_forbidden(refusal: Refusal, text: str) -> InfraError:
    """Kubernetes says 403 for a missing right, a full quota and a namespace that is being deleted."""
    if "NamespaceTerminating" in refusal.causes:
        return FailedError(text, hint="use another namespace: this one is being deleted")
    if "exceeded quota" in refusal.message:
        return QuotaError(text, hint="raise `clouds` in the options of the platform, or add a shard")
    return DeniedError(text, hint=PREPARE_HINT)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
