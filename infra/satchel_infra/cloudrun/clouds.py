"""The platform Cloud Run: the order in which the parts of a cloud are made and removed.

Made: account, bucket, access, service. Removed: service, access, data, bucket, account. So an account exists while
anything else does, and its description remembers that a removal has begun: a cloud of which some data is deleted must
never serve again.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from satchel_infra.cloudrun.account import Account
from satchel_infra.cloudrun.accounts import Accounts
from satchel_infra.cloudrun.buckets import Buckets
from satchel_infra.cloudrun.calls import AGAIN_HINT, FAILED_HINT, AbsentError, Calls, TakenError
from satchel_infra.cloudrun.options import Options, Place
from satchel_infra.cloudrun.service_body import Json, is_within, labels_of, service_body
from satchel_infra.cloudrun.services import Services
from satchel_infra.cloudrun.state import (
    created_at,
    describe,
    failure_of,
    is_changing,
    judge,
    owner_of,
    shard_of,
)
from satchel_infra.errors import (
    FailedError,
    InfraError,
    NoSuchCloudError,
    OwnerMismatchError,
    UnavailableError,
    one_line,
)
from satchel_infra.names import Owner
from satchel_infra.platform import Cloud, CloudSpec, Report, State, ignore
from satchel_infra.shards import Shard

CONFLICTS: Final = 5  # how often a service is read and written again, because somebody else changed it
STARTS: Final = 3  # of a service in one call, while its access to its bucket may not be in force yet
EMPTYINGS: Final = 20  # of a bucket: an instance that is about to end may still write


class CloudRunPlatform:
    """The clouds of one project and region."""

    def __init__(
        self,
        shard: Shard,
        options: Options,
        *,
        accounts: Accounts,
        buckets: Buckets,
        services: Services,
        calls: Calls,
    ) -> None:
        self.shard = shard
        self._options, self._place, self._calls = options, Place.of(shard), calls
        self._accounts, self._buckets, self._services = accounts, buckets, services

    # -- reading --------------------------------------------------------------------------------------------

    def find(self, name: str) -> Cloud | None:
        """Return a cloud, also a half-created or half-removed one; None if nothing of it exists."""
        service = self._services.find(name)
        found = describe(service, self.shard.id) if service is not None else None
        if found is not None:
            return _removing(found) if self._is_marked(name) else found
        account = self._account(name)
        if account is not None:
            return self._unserved(account.owner, is_removing=account.is_removing)
        owner = self._bucket_owner(name)
        return self._unserved(owner, is_removing=True) if owner is not None else None

    def list(self) -> Iterator[Cloud]:
        """Yield every cloud of the shard once, half-created and half-removed ones too, in the order of names."""
        clouds: dict[str, Cloud] = {}
        if not self._options.is_prefix:
            for bucket, labels in self._buckets.owned(f"{self._place.project}-c"):
                owner = owner_of(bucket.removeprefix(f"{self._place.project}-"), labels)
                if owner is not None and self._is_ours(labels, owner):
                    clouds[owner.name] = self._unserved(owner, is_removing=True)
        marked = set()
        for account in self._accounts.list():
            clouds[account.owner.name] = self._unserved(account.owner, is_removing=account.is_removing)
            if account.is_removing:
                marked.add(account.owner.name)
        for service in self._services.list():
            cloud = describe(service, self.shard.id)
            if cloud is not None:
                clouds[cloud.name] = _removing(cloud) if cloud.name in marked else cloud
        yield from (clouds[name] for name in sorted(clouds))

    def _is_marked(self, name: str) -> bool:
        """Return whether the removal of a cloud has begun whose service still exists."""
        try:
            account = self._accounts.find(name)
        except TakenError:
            return False
        return account is not None and account.shard_id == self.shard.id and account.is_removing

    def _account(self, name: str) -> Account | None:
        """Return the account of a cloud of this shard."""
        try:
            account = self._accounts.find(name)
        except TakenError as exc:
            raise OwnerMismatchError(str(exc), hint=exc.hint) from exc
        if account is not None and account.shard_id != self.shard.id:
            return None
        return account

    def _bucket_owner(self, name: str) -> Owner | None:
        """Return the owner of a cloud by its own bucket."""
        if self._options.is_prefix:
            return None
        bucket, _ = self._options.storage(self._place, name)
        labels = self._buckets.find(bucket)
        owner = owner_of(name, labels) if labels is not None else None
        return owner if owner is not None and self._is_ours(labels or {}, owner) else None

    def _is_ours(self, labels: Mapping[str, str], owner: Owner) -> bool:
        """Return whether a part belongs to an owner's cloud of this shard. The operator may add labels."""
        return labels.items() >= labels_of(owner.tag, self.shard).items()

    def _unserved(self, owner: Owner, *, is_removing: bool) -> Cloud:
        state = State.REMOVING if is_removing else State.CREATING
        return Cloud(owner=owner, shard_id=self.shard.id, host="", image="", state=state)

    # -- creating -------------------------------------------------------------------------------------------

    def ensure(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        """Create the cloud, or complete it, and return it once it serves. See Platform."""
        body = service_body(spec, self.shard, self._options)  # before any change: it refuses a bad image
        service = self._begin(spec, report)
        is_new = self._ensure_storage(spec, report)
        return self._ensure_service(spec, body, service, report, is_new=is_new)

    def prepare(self, spec: CloudSpec, report: Report = ignore) -> Mapping[str, str]:
        """Create the account and the storage. The operator's own credentials reach every bucket of the project."""
        if self._begin(spec, report) is None:
            self._ensure_storage(spec, report)
        return {"SATCHEL_STORAGE": self._options.location(self._place, spec.name)}

    def _begin(self, spec: CloudSpec, report: Report) -> dict[str, Any] | None:
        """Finish a removal that has begun, and create the account. Return the service.

        Raise OwnerMismatchError before any change.
        """
        service = self._services.find(spec.name)
        account = self._accounts_own(spec.owner)
        self._check_owner(spec.owner, service)
        if account is not None and account.is_removing:
            self.remove(spec.name, report)
            service = account = None
        if account is None:
            report("create the service account")
            self._create_account(spec.owner)
        return service

    def _accounts_own(self, owner: Owner) -> Account | None:
        """Return the account of this owner. Raise an error if the name is another's, or in use by another shard."""
        try:
            account = self._accounts.find(owner.name)
        except TakenError as exc:
            raise OwnerMismatchError(str(exc), hint=exc.hint) from exc
        if account is not None and account.owner != owner:
            raise _mismatch(owner.name)
        if account is not None and account.shard_id != self.shard.id:
            raise _elsewhere(owner.name, account.shard_id)
        return account

    def _create_account(self, owner: Owner) -> None:
        try:
            self._accounts.create(owner)
        except TakenError as exc:  # another process creates the same cloud, or is removing one
            if self._accounts_own(owner) is None:
                raise UnavailableError(str(exc), hint=AGAIN_HINT) from exc

    def _ensure_storage(self, spec: CloudSpec, report: Report) -> bool:
        """Create the bucket and give the account access. Return whether the access is new."""
        bucket, prefix = self._options.storage(self._place, spec.name)
        if not prefix:
            self._ensure_bucket(bucket, spec.owner, report)
        report("give the service account access to the data")
        try:
            return self._buckets.grant(bucket, self._place.email(spec.name), prefix)
        except AbsentError as exc:
            raise FailedError(
                f"there is no bucket {bucket!r}",
                hint="create it: satchel-infra render cloudrun prints the command",
            ) from exc

    def _ensure_bucket(self, bucket: str, owner: Owner, report: Report) -> None:
        labels = self._buckets.find(bucket)
        if labels is None:
            report("create the bucket")
            self._buckets.create(bucket, labels_of(owner.tag, self.shard))
        elif not self._is_ours(labels, owner):
            raise OwnerMismatchError(
                f"the bucket {bucket!r} does not belong to the cloud", hint="use a project for clouds alone"
            )

    def _ensure_service(
        self, spec: CloudSpec, body: Json, service: Json | None, report: Report, *, is_new: bool
    ) -> Cloud:
        """Create the service, or start a failed one again with `body`. An existing one that serves stays as it is.

        `is_new` says that this call has given the access. An earlier one has if the service itself is new.
        """
        for attempt in range(1, STARTS + 1):
            try:
                return self._serve(spec, body, service, report)
            except FailedError:
                if attempt == STARTS or not (is_new or self._is_young(spec.name)):
                    raise
                # IAM says a change is in force within minutes; until then a service cannot read its bucket.
                pause_s = self._calls.pace.settling_s / STARTS
                self._calls.pause("wait until the access is in force", pause_s, report)
                service = self._services.find(spec.name)
        raise AssertionError

    def _is_young(self, name: str) -> bool:
        """Return whether a service was created so recently that its access may not be in force yet."""
        service = self._services.find(name)
        created_s = created_at(service) if service is not None else None
        return created_s is not None and self._calls.wall_clock() - created_s < self._calls.pace.settling_s

    def _serve(self, spec: CloudSpec, body: Json, service: Json | None, report: Report) -> Cloud:
        """Wait for a service that is changing, and start one only if it is absent or has failed before this call.

        So a start that takes longer than one call ends: the next call waits for it and raises FailedError if it fails.
        """
        for _ in range(CONFLICTS):
            if service is not None and is_changing(service):
                service = self._services.settled(spec.name, report)
                if service is not None and judge(service)[0] is State.FAILED:
                    raise _failed(spec, service)
            cloud = describe(service, self.shard.id) if service is not None else None
            if cloud is not None and cloud.state is State.READY:
                self._check_owner(spec.owner, service)
                return cloud
            report("create the service" if service is None else "start the service again")
            with suppress(TakenError):
                if service is None:
                    self._services.create(spec.name, body, report)
                else:
                    self._check_owner(spec.owner, service)
                    self._services.update(spec.name, body, str(service.get("etag", "")), report)
            service = self._services.settled(spec.name, report)
            if service is not None and judge(service)[0] is State.FAILED:
                raise _failed(spec, service)
        raise UnavailableError(f"the service {spec.name!r} keeps changing", hint=AGAIN_HINT)

    def _check_owner(self, owner: Owner, service: Json | None) -> None:
        if service is None:
            return
        if owner_of(owner.name, service.get("labels", {})) != owner:
            raise _mismatch(owner.name)
        if shard_of(service) != self.shard.id:
            raise _elsewhere(owner.name, shard_of(service))

    # -- changing --------------------------------------------------------------------------------------------

    def update(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        """Give a complete cloud the image and settings of `spec`. See Platform.

        Cloud Run keeps sending requests to the earlier revision until the new one is ready. If that fails, the earlier
        one is written back.
        """
        body = service_body(spec, self.shard, self._options)
        for _ in range(CONFLICTS):
            service = self._services.settled(spec.name, report)
            self._check_updatable(spec, service)
            assert service is not None  # noqa: S101  for the type checker
            cloud = describe(service, self.shard.id)
            if cloud is not None and cloud.state is State.READY and is_same(service, body, cloud, spec):
                return cloud
            report("start the new release")
            try:
                self._services.update(spec.name, body, str(service.get("etag", "")), report)
            except TakenError:
                continue
            except FailedError as exc:
                if judge(service)[0] is State.READY:
                    report("return to the earlier release")
                    self._write_back(spec.name, service, report)
                if self._is_gone(spec.name):
                    raise self._absent(spec.name) from exc
                raise
            return self._updated(spec, report)
        raise UnavailableError(f"the service {spec.name!r} keeps changing", hint=AGAIN_HINT)

    def _check_updatable(self, spec: CloudSpec, service: Json | None) -> None:
        """Raise NoSuchCloudError or OwnerMismatchError."""
        account = self._account(spec.name)
        if account is not None and account.owner != spec.owner:
            raise _mismatch(spec.name)
        self._check_owner(spec.owner, service)
        if service is None or (account is not None and account.is_removing):
            raise self._absent(spec.name)

    def _absent(self, name: str) -> NoSuchCloudError:
        return NoSuchCloudError(
            f"there is no complete cloud {name!r} in the shard {self.shard.id!r}",
            hint="create it first: satchel-infra provision",
        )

    def _is_gone(self, name: str) -> bool:
        """Return whether another process has removed a service, or does so now."""
        service = self._services.find(name)
        return service is None or judge(service)[0] is State.REMOVING

    def _updated(self, spec: CloudSpec, report: Report) -> Cloud:
        service = self._services.settled(spec.name, report)
        cloud = describe(service, self.shard.id) if service is not None else None
        if service is None or cloud is None:
            raise self._absent(spec.name)
        if cloud.state is State.FAILED:
            raise _failed(spec, service)
        return cloud

    def _write_back(self, name: str, earlier: Json, report: Report) -> None:
        """Write the earlier release back. Another process that changes the service meanwhile wins."""
        latest = self._services.settled(name, report)
        if latest is None:
            return
        kept = {key: earlier[key] for key in WRITTEN if key in earlier}
        kept["template"] = {key: value for key, value in kept["template"].items() if key != "revision"}
        with suppress(TakenError, AbsentError):
            self._services.update(name, kept, str(latest.get("etag", "")), report)

    # -- removing --------------------------------------------------------------------------------------------

    def remove(self, name: str, report: Report = ignore) -> None:
        """Remove a cloud: first its service and so its host name, then its data, then the rest. See Platform."""
        service, account = self._services.find(name), self._account(name)
        if service is not None and describe(service, self.shard.id) is None:
            service = None  # another shard's, or no cloud's
        if service is None and account is None and self._bucket_owner(name) is None:
            return
        if account is not None and not account.is_removing:
            report("write down that the removal has begun")
            self._accounts.mark_removing(account)
        if service is not None:
            report("delete the service")
            self._services.delete(service, report)
        is_mine = self._erase(name, account, report)
        if account is not None and is_mine:
            report("delete the service account")
            self._accounts.delete(account)

    def _erase(self, name: str, account: Account | None, report: Report) -> bool:
        """Take the access to the data away, and delete the data; the bucket too if the cloud has its own.

        Return False, and stop, if another process has removed the cloud meanwhile and created it anew.
        """
        bucket, prefix = self._options.storage(self._place, name)
        report("take the service account's access to the data away")
        for _ in range(EMPTYINGS):
            if self._is_new(name, account):
                return False
            if not prefix and self._bucket_owner(name) is None:
                return True  # gone, or a stranger's of the same name
            self._buckets.revoke(bucket, self._place.email(name))
            self._buckets.erase(bucket, prefix, report)
            if prefix or self._buckets.delete(bucket):
                return True
            self._calls.pause("delete what was stored meanwhile", self._calls.pace.poll_s, report)
        raise UnavailableError(f"the bucket {bucket!r} fills up again while it is emptied", hint=AGAIN_HINT)

    def _is_new(self, name: str, account: Account | None) -> bool:
        """Return whether the account is not the one whose removal has begun."""
        latest = self._account(name)
        return latest is not None and (account is None or latest.uid != account.uid)


WRITTEN: Final = (
    "labels",
    "description",
    "ingress",
    "invokerIamDisabled",
    "defaultUriDisabled",
    "traffic",
    "scaling",
    "template",
)
"""The fields of a service that an operator decides. The others are what the API reports."""


def is_same(service: Json, body: Json, cloud: Cloud, spec: CloudSpec) -> bool:
    """Return whether a service has everything of a body, and no settings beside them."""
    return is_within(body, service) and cloud.settings == dict(spec.settings)


def _removing(cloud: Cloud) -> Cloud:
    return replace(cloud, state=State.REMOVING)


def _mismatch(name: str) -> InfraError:
    return OwnerMismatchError(
        f"the cloud {name!r} belongs to another account", hint="stop here: two accounts share a name"
    )


def _elsewhere(name: str, shard_id: str) -> FailedError:
    return FailedError(
        f"the cloud {name!r} is in the shard {shard_id!r} of the same project",
        hint="a cloud moves only between projects: its account and bucket have the same names in both shards",
    )


def _failed(spec: CloudSpec, service: Json) -> FailedError:
    detail = one_line(failure_of(service)) or "no revision is ready"
    return FailedError(f"the service {spec.name!r} does not start: {detail}", hint=FAILED_HINT)
