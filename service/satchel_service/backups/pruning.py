"""The retention of a cloud: showing, previewing and setting it. `retention` decides, `deletion` applies it."""

import apsw

from satchel_service.audit import Event, by_device, record
from satchel_service.callers import as_device
from satchel_service.environment import Environment
from satchel_service.lifecycle.deletion import StoredPolicy, apply_retention, plan_pruning
from satchel_service.problems import invalid
from satchel_service.times import to_time_or_none
from satchel_wire import messages
from satchel_wire.retention import Policy


class Retentions:
    """Shows, previews and sets the retention."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment

    async def show(self) -> messages.RetentionState:
        """Return the retention of the cloud."""
        return to_message(await self._env.database.read(StoredPolicy.read))

    async def preview(self, request: messages.Retention) -> messages.RetentionPreview:
        """Return what a retention would change. Raise an `invalid` problem."""
        policy = to_policy(request)
        pruning = await self._env.database.read(lambda db: plan_pruning(db, policy))
        return messages.RetentionPreview(delete=pruning.delete, restore=pruning.restore)

    async def set(self, request: messages.Retention, by: str) -> messages.RetentionState:
        """Set the retention and apply it at once. `by` is the id of the requesting device.

        Raise an `invalid` problem.
        """
        policy = to_policy(request)

        def update(db: apsw.Connection) -> StoredPolicy:
            now = self._env.clock()
            stored = StoredPolicy.read(db)
            if stored.policy != policy:
                stored = StoredPolicy(policy, now, by)
                stored.write(db)
                record(db, Event.RETENTION_SET, by_device(by), now=now)
            apply_retention(db, now)
            return stored

        return to_message(await self._env.database.write(as_device(by, update)))


def to_policy(request: messages.Retention) -> Policy:
    """Return a requested retention. Raise an `invalid` problem if it keeps nothing."""
    policy = Policy(request.last, request.daily, request.weekly, request.monthly)
    if not any(policy):
        raise invalid("last", "keep at least one backup: last, daily, weekly or monthly must be above 0")
    return policy


def to_message(stored: StoredPolicy) -> messages.RetentionState:
    """Return a stored retention as a message."""
    policy = stored.policy
    return messages.RetentionState(
        retention=messages.Retention(
            last=policy.last, daily=policy.daily, weekly=policy.weekly, monthly=policy.monthly
        ),
        changed=to_time_or_none(stored.changed),
        device=stored.device,
    )
