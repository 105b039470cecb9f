"""IAM's service accounts over gRPC, with the messages of Google's own library."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import grpc  # type: ignore[import-untyped]
from google.cloud import iam_admin_v1 as iam
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from tests.support.google.world import PROJECT, RefusedError, StoredAccount, World

ACCOUNT_ID: Final = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
SERVICE: Final = "google.iam.admin.v1.IAM"
PAGE: Final = 100


class IamApi:
    """Answers requests about the service accounts of one project."""

    def __init__(self, world: World) -> None:
        self.world = world

    def get(self, request: iam.GetServiceAccountRequest) -> iam.ServiceAccount:
        self.world.enter("iam.get")
        return shown(self.held(request.name))

    def create(self, request: iam.CreateServiceAccountRequest) -> iam.ServiceAccount:
        self.world.enter("iam.create", is_creation=True)
        if request.name != f"projects/{PROJECT}" or not ACCOUNT_ID.fullmatch(request.account_id):
            raise RefusedError(400, "INVALID_ARGUMENT", "The account ID must have 6 to 30 characters.")
        wanted = request.service_account
        if len(wanted.display_name) > 100 or len(wanted.description) > 256:
            raise RefusedError(400, "INVALID_ARGUMENT", "The description has over 256 bytes.")
        email = f"{request.account_id}@{PROJECT}.iam.gserviceaccount.com"
        if email in self.world.accounts:
            raise RefusedError(409, "ALREADY_EXISTS", f"Service account {request.account_id} already exists.")
        if len(self.world.accounts) >= self.world.most_accounts:
            message = "Maximum number of service accounts on project reached."
            raise RefusedError(429, "RESOURCE_EXHAUSTED", message)
        uid = str(self.world.generation())
        account = StoredAccount(email, uid, wanted.display_name, wanted.description, self.world.faults.spread)
        self.world.accounts[email] = account
        if self.world.faults.lost:
            self.world.faults.lost -= 1
            raise RefusedError(503, "UNAVAILABLE", "The response was lost.")
        return shown(account)

    def patch(self, request: iam.PatchServiceAccountRequest) -> iam.ServiceAccount:
        self.world.enter("iam.patch")
        if list(request.update_mask.paths) != ["description"]:
            raise RefusedError(400, "INVALID_ARGUMENT", "Only the name and the description can change.")
        account = self.held(request.service_account.name)
        account.description = request.service_account.description
        return shown(account)

    def delete(self, request: iam.DeleteServiceAccountRequest) -> Any:  # noqa: ANN401  an Empty
        self.world.enter("iam.delete")
        account = self.held(request.name)
        del self.world.accounts[account.email]
        for bucket in self.world.buckets.values():  # as IAM shows bindings of deleted accounts
            for one in bucket.policy["bindings"]:
                deleted = f"deleted:serviceAccount:{account.email}?uid={account.uid}"
                one["members"] = [
                    deleted if member == f"serviceAccount:{account.email}" else member
                    for member in one["members"]
                ]
        return empty_pb2.Empty()

    def list(self, request: iam.ListServiceAccountsRequest) -> iam.ListServiceAccountsResponse:
        self.world.enter("iam.list")
        if request.name != f"projects/{PROJECT}" or request.page_size > PAGE:
            raise RefusedError(400, "INVALID_ARGUMENT", "The page size is at most 100.")
        emails = sorted(email for email in self.world.accounts if email > request.page_token)
        size = request.page_size or 20
        page = [shown(self.world.accounts[email]) for email in emails[:size]]
        token = page[-1].email if len(emails) > size else ""
        return iam.ListServiceAccountsResponse(accounts=page, next_page_token=token)

    def held(self, name: str) -> StoredAccount:
        """Return an account by its email or its unique id."""
        key = name.rpartition("/")[2]
        for account in self.world.accounts.values():
            if key in (account.email, account.uid):
                return account
        raise RefusedError(404, "NOT_FOUND", f"Unknown service account: {name}")


def shown(account: StoredAccount) -> iam.ServiceAccount:
    """Return an account as the API shows it."""
    return iam.ServiceAccount(
        name=f"projects/{PROJECT}/serviceAccounts/{account.email}",
        project_id=PROJECT,
        unique_id=account.uid,
        email=account.email,
        display_name=account.display_name,
        description=account.description,
    )


def serve(world: World) -> tuple[grpc.Server, int]:
    """Start a server on a free port of the loopback address."""
    api = IamApi(world)
    methods = {
        "GetServiceAccount": (iam.GetServiceAccountRequest, api.get),
        "CreateServiceAccount": (iam.CreateServiceAccountRequest, api.create),
        "PatchServiceAccount": (iam.PatchServiceAccountRequest, api.patch),
        "DeleteServiceAccount": (iam.DeleteServiceAccountRequest, api.delete),
        "ListServiceAccounts": (iam.ListServiceAccountsRequest, api.list),
    }
    handlers = {name: handler(world, kind, call) for name, (kind, call) in methods.items()}
    server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def handler(world: World, kind: Any, call: Callable[[Any], Any]) -> Any:  # noqa: ANN401  grpc has no types
    """Return a handler of one method, which answers errors with their canonical status."""

    def answer(request: Any, context: Any) -> Any:  # noqa: ANN401
        with world.lock:
            try:
                result = call(request)
            except RefusedError as refused:
                refusal = refused
            else:
                return result
        context.abort(getattr(grpc.StatusCode, refusal.status), refusal.message)
        raise AssertionError

    def encode(message: Any) -> bytes:  # noqa: ANN401
        raw = message if isinstance(message, empty_pb2.Empty) else type(message).pb(message)
        return bytes(raw.SerializeToString())

    return grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=kind.deserialize, response_serializer=encode
    )
