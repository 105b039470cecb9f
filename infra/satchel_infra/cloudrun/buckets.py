"""Buckets of clouds, or prefixes of a shard's bucket. Imports google-cloud-storage.

Names of buckets are global: a name that is taken may belong to a stranger, who would then read what a cloud stores. A
bucket counts as a cloud's only if the project's own list has it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from google.cloud import storage  # type: ignore[attr-defined]  # it has no types

from satchel_infra.cloudrun.bucket_access import binding, normal, without
from satchel_infra.cloudrun.calls import AGAIN_HINT, AbsentError, Calls, TakenError
from satchel_infra.cloudrun.options import Place
from satchel_infra.errors import FailedError, InfraError, UnavailableError
from satchel_infra.platform import Report

CONFLICTS: Final = 10  # how often a policy is read and written again, because somebody else wrote it
PAGE: Final = 1000
BATCH: Final = 100  # the most calls in one batch request
POLICY_VERSION: Final = 3  # the one with conditions


class Buckets:
    """The buckets of a project."""

    def __init__(self, client: Any, calls: Calls, place: Place) -> None:  # noqa: ANN401  a storage.Client
        self._client, self._calls, self._place = client, calls, place
        self._common = {"retry": None, "timeout": calls.pace.request_s}

    def owned(self, prefix: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Yield the names and labels of the project's buckets whose names have a prefix."""
        token: str | None = None
        while True:
            page, token = self._calls.make("list the buckets", lambda: self._page(prefix, token))  # noqa: B023
            yield from page
            if not token:
                return

    def _page(self, prefix: str, token: str | None) -> tuple[list[tuple[str, Mapping[str, str]]], str | None]:
        found = self._client.list_buckets(
            prefix=prefix,
            project=self._place.project,
            page_token=token,
            fields="items(name,labels),nextPageToken",
            page_size=PAGE,
            **self._common,
        )
        page = next(found.pages, ())
        return [(bucket.name, bucket.labels) for bucket in page], found.next_page_token

    def find(self, bucket: str) -> Mapping[str, str] | None:
        """Return the labels of a bucket of this project; None if this project has none of this name."""
        return dict(self.owned(bucket)).get(bucket)

    def create(self, bucket: str, labels: Mapping[str, str]) -> None:
        """Create a bucket that is private for good. Raise FailedError if the name is not this project's."""
        made = self._client.bucket(bucket)
        made.iam_configuration.uniform_bucket_level_access_enabled = True
        made.iam_configuration.public_access_prevention = "enforced"
        # What the owner erases is erased: the service has its own grace period.
        made.soft_delete_policy.retention_duration_seconds = 0
        made.labels = dict(labels)
        try:
            self._calls.make(
                f"create the bucket {bucket!r}",
                lambda: self._client.create_bucket(
                    made, project=self._place.project, location=self._place.region, **self._common
                ),
            )
        except TakenError as exc:
            if self.find(bucket) is None:
                raise FailedError(
                    f"the name of the bucket {bucket!r} is taken, and not by this project",
                    hint="try again in a few minutes if the cloud was just removed; else somebody else has the name",
                ) from exc

    def grant(self, bucket: str, email: str, prefix: str) -> bool:
        """Let an account use the objects of a bucket, or those with a prefix. Return whether that is new.

        Nobody else may use a bucket of its own; the accounts of other prefixes keep theirs.
        """
        wanted = binding(bucket, email, prefix)
        if prefix:
            return self._change(
                bucket, lambda held: held if wanted in held else [*without(held, email), wanted]
            )
        # The roles that a new bucket gives the project's viewers and editors are removed.
        return self._change(bucket, lambda _: [wanted])

    def revoke(self, bucket: str, email: str) -> None:
        """Take an account's access away. Do nothing if there is no such bucket."""
        try:
            self._change(bucket, lambda held: without(held, email))
        except AbsentError:
            return

    def _change(self, bucket: str, change: Any) -> bool:  # noqa: ANN401  bindings to bindings
        """Read, change and write the bindings of a bucket. Return whether they were written."""
        what = f"change the policy of the bucket {bucket!r}"
        for _ in range(CONFLICTS):
            policy = self._calls.make(
                what,
                lambda: self._client.bucket(bucket).get_iam_policy(
                    requested_policy_version=POLICY_VERSION, **self._common
                ),
            )
            held = [normal(one) for one in policy.bindings]
            wanted = change(held)
            if wanted == held:
                return False
            policy.version, policy.bindings = POLICY_VERSION, wanted
            try:
                self._write_policy(what, bucket, policy)
            except TakenError:
                continue
            return True
        raise UnavailableError(f"cannot {what}: somebody else changed it {CONFLICTS} times", hint=AGAIN_HINT)

    def _write_policy(self, what: str, bucket: str, policy: Any) -> None:  # noqa: ANN401  the library's
        self._calls.settle(
            what,
            lambda: self._client.bucket(bucket).set_iam_policy(policy, **self._common),
            is_unknown_account,
        )

    def erase(self, bucket: str, prefix: str, report: Report) -> None:
        """Delete every object with a prefix, all versions. Raise UnavailableError if the time does not suffice."""
        until = self._calls.clock() + self._calls.pace.erase_s
        try:
            while names := self._calls.make(
                f"list the objects of {bucket!r}", lambda: self._objects(bucket, prefix)
            ):
                for start in range(0, len(names), BATCH):
                    report("delete the data")
                    self._delete_objects(bucket, names[start : start + BATCH])
                if self._calls.clock() >= until:
                    raise UnavailableError(
                        f"cannot erase {bucket!r} within {self._calls.pace.erase_s:.0f} s: objects remain",
                        hint=AGAIN_HINT,
                    )
        except AbsentError:
            return

    def _objects(self, bucket: str, prefix: str) -> list[tuple[str, int]]:
        found = self._client.list_blobs(
            bucket,
            prefix=prefix or None,
            versions=True,
            max_results=PAGE,
            fields="items(name,generation),nextPageToken",
            **self._common,
        )
        return [(blob.name, blob.generation) for blob in found]

    def _delete_objects(self, bucket: str, names: list[tuple[str, int]]) -> None:
        what = f"delete the objects of {bucket!r}"

        def delete() -> None:
            with self._client.batch():
                for name, generation in names:
                    self._client.bucket(bucket).delete_blob(name, generation=generation, **self._common)

        try:
            self._calls.make(what, delete)
        except AbsentError:
            return  # another process deleted one of them first; the next listing shows what remains

    def delete(self, bucket: str) -> bool:
        """Delete an empty bucket. Return False if it has objects again."""
        try:
            self._calls.make(
                f"delete the bucket {bucket!r}", lambda: self._client.bucket(bucket).delete(**self._common)
            )
        except TakenError:
            return False
        except AbsentError:
            pass
        return True


def is_unknown_account(exc: Exception) -> bool:
    """Return whether Cloud Storage does not know a service account that IAM made a moment ago."""
    return isinstance(exc, InfraError) and "does not exist" in str(exc) and "account" in str(exc).lower()


def connect(credentials: Any, project: str, address: str | None) -> storage.Client:  # noqa: ANN401  of google-auth
    """Open a client. An address is a stand-in on loopback."""
    options = {"api_endpoint": f"http://{address}" if address else "https://storage.googleapis.com"}
    return storage.Client(project=project, credentials=credentials, client_options=options)
