"""Services of Cloud Run over REST. Imports google-cloud-run. Services go in and out as the API's JSON."""

from collections.abc import Iterator
from typing import Any, Final

from google.cloud import run_v2
from google.cloud.run_v2.services.services.transports import ServicesRestTransport
from google.protobuf import json_format  # type: ignore[import-untyped]

from satchel_infra.cloudrun.calls import AGAIN_HINT, FAILED_HINT, AbsentError, Calls, TakenError, translate
from satchel_infra.cloudrun.options import Place
from satchel_infra.cloudrun.service_body import Json
from satchel_infra.cloudrun.state import is_changing, name_of
from satchel_infra.errors import DeniedError, FailedError, QuotaError, UnavailableError, one_line
from satchel_infra.platform import Report

PAGE: Final = 100
CONFLICTS: Final = 5  # how often a deletion is tried again, because somebody else changes the service


class Services:
    """The services of a project and region."""

    def __init__(self, client: run_v2.ServicesClient, calls: Calls, place: Place) -> None:
        self._client, self._calls, self._place = client, calls, place
        self._common: dict[str, Any] = {"retry": None, "timeout": calls.pace.request_s}

    def find(self, name: str) -> dict[str, Any] | None:
        """Return a service."""
        request = run_v2.GetServiceRequest(name=self._resource(name))
        try:
            found = self._calls.make(
                f"find the service {name!r}",
                lambda: self._client.get_service(request=request, **self._common),
            )
        except AbsentError:
            return None
        return to_json(found)

    def list(self) -> Iterator[dict[str, Any]]:
        """Yield every service of the project and region, page by page."""
        token = ""
        while True:
            request = run_v2.ListServicesRequest(parent=self._place.parent, page_size=PAGE, page_token=token)
            page = self._calls.make(
                "list the services",
                lambda request=request: self._client.list_services(request=request, **self._common),  # type: ignore[misc]
            )
            yield from map(to_json, page.services)
            token = page.next_page_token
            if not token:
                return

    def create(self, name: str, body: Json, report: Report) -> None:
        """Create a service and wait until it serves. Raise TakenError if it exists."""
        request = run_v2.CreateServiceRequest(parent=self._place.parent, service_id=name, service=parse(body))
        what = f"create the service {name!r}"
        operation = self._calls.settle(
            what, lambda: self._client.create_service(request=request, **self._common), is_new_account
        )
        self._finish(what, operation, report)

    def update(self, name: str, body: Json, etag: str, report: Report) -> None:
        """Replace a service and wait until it serves. Raise TakenError if it changed since `etag` was read."""
        service = parse({**body, "name": self._resource(name), "etag": etag})
        request = run_v2.UpdateServiceRequest(service=service)
        what = f"update the service {name!r}"
        operation = self._calls.make(
            what, lambda: self._client.update_service(request=request, **self._common)
        )
        self._finish(what, operation, report)

    def delete(self, service: Json, report: Report) -> None:
        """Delete a service as it was read, and wait until it is gone, also if another process changes or deletes it.

        A later service of the same name, which has another `uid`, stays.
        """
        name, uid, etag = name_of(service), service.get("uid"), str(service.get("etag", ""))
        what = f"delete the service {name!r}"
        for _ in range(CONFLICTS):
            request = run_v2.DeleteServiceRequest(name=self._resource(name), etag=etag)
            try:
                operation = self._calls.make(
                    what,
                    lambda request=request: self._client.delete_service(request=request, **self._common),  # type: ignore[misc]
                )
                return self._finish(what, operation, report)
            except AbsentError:
                return None
            except TakenError:
                latest = self.settled(name, report)
                if latest is None or latest.get("uid") != uid:
                    return None
                etag = str(latest.get("etag", ""))
        raise UnavailableError(f"cannot {what}: it keeps changing", hint=AGAIN_HINT)

    def settled(self, name: str, report: Report) -> dict[str, Any] | None:
        """Return a service once nobody is at work on it any more."""
        latest: list[dict[str, Any] | None] = [None]

        def is_settled() -> bool:
            latest[0] = self.find(name)
            return latest[0] is None or not is_changing(latest[0])

        self._calls.wait(f"finish a change of {name!r}", is_settled, self._calls.pace.operation_s, report)
        return latest[0]

    def _finish(self, what: str, operation: Any, report: Report) -> None:  # noqa: ANN401  of google-api-core
        """Wait for a long-running operation. Raise FailedError with what it says if it fails."""
        self._calls.wait(what, lambda: bool(operation.done(retry=None)), self._calls.pace.operation_s, report)
        error = operation.exception(timeout=0)
        if error is None:
            return
        translated = translate(what, error)
        if isinstance(translated, DeniedError | QuotaError | AbsentError):
            raise translated
        raise FailedError(f"cannot {what}: {one_line(error.message)}", hint=FAILED_HINT)

    def _resource(self, name: str) -> str:
        return f"{self._place.parent}/services/{name}"


def is_new_account(exc: Exception) -> bool:
    """Return whether Cloud Run does not know a service account that IAM made a moment ago."""
    return isinstance(exc, DeniedError) and "iam.serviceaccounts.actas" in str(exc).lower()


def parse(body: Json) -> run_v2.Service:
    """Return the message of a service's JSON. Raise an error for a field that the API does not have."""
    message = run_v2.Service()
    json_format.ParseDict(dict(body), run_v2.Service.pb(message))
    return message


def to_json(service: run_v2.Service) -> dict[str, Any]:
    """Return the JSON of a service."""
    return dict(json_format.MessageToDict(run_v2.Service.pb(service)))


def connect(credentials: Any, address: str | None) -> run_v2.ServicesClient:  # noqa: ANN401  of google-auth
    """Open a client over REST. An address is a stand-in on loopback."""
    if address is None:
        return run_v2.ServicesClient(transport=ServicesRestTransport(credentials=credentials))
    transport = ServicesRestTransport(credentials=credentials, host=address, url_scheme="http")
    return run_v2.ServicesClient(transport=transport)
