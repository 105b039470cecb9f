"""Service accounts of clouds: the first part created and the last removed. Imports google-cloud-iam."""

from collections.abc import Iterator
from typing import Any, Final

from google.cloud import iam_admin_v1 as iam

from satchel_infra.cloudrun.account import Account, parse_description
from satchel_infra.cloudrun.calls import AbsentError, Calls, TakenError
from satchel_infra.cloudrun.options import Place
from satchel_infra.names import Owner
from satchel_infra.shards import Shard

PAGE: Final = 100  # the most that IAM returns at once


class Accounts:
    """The service accounts of a project."""

    def __init__(self, client: Any, calls: Calls, place: Place, shard: Shard) -> None:  # noqa: ANN401  an IAMClient
        self._client, self._calls, self._place, self._shard = client, calls, place, shard
        self._common = {"retry": None, "timeout": calls.pace.request_s}

    def find(self, name: str) -> Account | None:
        """Return the account of a cloud. Raise TakenError if an account of this name is not a cloud's."""
        request = {"name": self._resource(name)}
        try:
            found = self._calls.make(
                f"find the service account of {name!r}",
                lambda: self._client.get_service_account(request=request, **self._common),
            )
        except AbsentError:
            return None
        account = parse(found)
        if account is None or account.owner.name != name:
            raise TakenError(
                f"the service account {found.email!r} does not belong to a cloud",
                hint="use a project for clouds alone",
            )
        return account

    def create(self, owner: Owner) -> None:
        """Create the account of a cloud. Raise TakenError if it exists."""
        account = Account(owner, self._shard.id, is_removing=False, uid="")
        request = {
            "name": f"projects/{self._place.project}",
            "account_id": owner.name,
            "service_account": {
                "display_name": f"satchel {owner.name}",
                "description": account.description,
            },
        }
        self._calls.make(
            f"create the service account of {owner.name!r}",
            lambda: self._client.create_service_account(request=request, **self._common),
        )

    def mark_removing(self, account: Account) -> None:
        """Write down that the removal of a cloud has begun."""
        marked = Account(account.owner, account.shard_id, is_removing=True, uid=account.uid)
        request = {
            "service_account": {
                "name": self._resource(account.owner.name),
                "description": marked.description,
            },
            "update_mask": {"paths": ["description"]},
        }
        self._ask(
            f"mark the service account of {account.owner.name!r}", self._client.patch_service_account, request
        )

    def delete(self, account: Account) -> None:
        """Delete this account, and no later one of the same name."""
        request = {"name": f"projects/{self._place.project}/serviceAccounts/{account.uid}"}
        self._ask(
            f"delete the service account of {account.owner.name!r}",
            self._client.delete_service_account,
            request,
        )

    def list(self) -> Iterator[Account]:
        """Yield the accounts of the shard's clouds."""
        token = ""
        while True:
            request = {"name": f"projects/{self._place.project}", "page_size": PAGE, "page_token": token}
            page = self._calls.make(
                "list the service accounts",
                lambda request=request: self._client.list_service_accounts(request=request, **self._common),  # type: ignore[misc]
            )
            for found in page.accounts:
                account = parse(found)
                if account is not None and account.shard_id == self._shard.id:
                    yield account
            token = page.next_page_token
            if not token:
                return

    def _ask(self, what: str, method: Any, request: dict[str, Any]) -> None:  # noqa: ANN401  one of the client's
        try:
            self._calls.make(what, lambda: method(request=request, **self._common))
        except AbsentError:
            return

    def _resource(self, name: str) -> str:
        return f"projects/{self._place.project}/serviceAccounts/{self._place.email(name)}"


def parse(found: iam.ServiceAccount) -> Account | None:
    """Return the account of a cloud by its description; None for any other account."""
    return parse_description(found.description, found.unique_id)


def connect(credentials: Any, address: str | None) -> iam.IAMClient:  # noqa: ANN401  of google-auth
    """Open a client of IAM, which speaks gRPC only. An address is a stand-in on loopback."""
    if address is None:
        return iam.IAMClient(credentials=credentials)
    import grpc  # type: ignore[import-untyped]  # noqa: PLC0415  only for stand-ins

    transport = iam.IAMClient.get_transport_class("grpc")
    return iam.IAMClient(transport=transport(channel=grpc.insecure_channel(address)))
