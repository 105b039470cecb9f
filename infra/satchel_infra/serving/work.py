"""The work behind a ticket, a bounded part of it for each request.

A request works for at most `WORK_S` seconds and then says how far it is; the next one continues. So the provisioner runs
where the CPU stops after a response. Requests for the same thing share one part of the work, whatever their tickets: an
account takes at most one thread for its creation and one for its removal. Short calls have threads of their own.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, NamedTuple, TypeVar

from satchel_infra.errors import InfraError, NoSuchCloudError, QuotaError, UnavailableError
from satchel_infra.names import NameKey, Owner, identify
from satchel_infra.platform import State
from satchel_infra.provisioning.clouds import Found, Provisioner, RemovalUnderWayError, RemovedSinceError
from satchel_infra.provisioning.records import NonceUsedError, Tombstone
from satchel_infra.serving.sign_ins import Person
from satchel_infra.serving.tickets import (
    TICKET_CONTEXT,
    TTL_MS,
    Purpose,
    Ticket,
    TicketError,
    derive_key,
    open_ticket,
    seal,
)
from satchel_service.logs import JsonLog, error_fields
from satchel_service.problems import ProblemError, not_found
from satchel_wire.problems import ProblemCode
from satchel_wire.provisioning import CloudProgress, CloudState

T = TypeVar("T")

WORK_S: Final = 20.0
GRACE_S: Final = 2.0  # for a step that is almost done
THREADS: Final = 16
SHORT_THREADS: Final = 8  # for calls that only look, or write one record
MAX_AT_ONCE: Final = 200
WAIT_S: Final = 1  # before a device asks again
BUSY_S: Final = 5
NONCE_USED: Final = "the nonce has been used: sign in again"
FAILED: Final = "the provisioner's operator must look into it; its log names this cloud"


class OutOfTimeError(Exception):
    """The part of the work that belongs to one request is over."""


class Part:
    """One part of the work: which step it is at, and until when it may begin another."""

    def __init__(self, work_s: float) -> None:
        self.step = ""
        self._end_s = time.monotonic() + work_s
        self._is_stopped = threading.Event()

    def report(self, step: str) -> None:
        """Note the next step. Raise OutOfTimeError once the time is over."""
        self.step = step
        if self._is_stopped.is_set() or time.monotonic() >= self._end_s:
            raise OutOfTimeError

    def stop(self) -> None:
        """End before the next step."""
        self._is_stopped.set()


class Goal(NamedTuple):
    """What a part of the work is for. Tickets with the same goal share it."""

    purpose: Purpose
    removal: int
    name: str


class Running(NamedTuple):
    """A part of the work in a thread, begun for a ticket."""

    ticket: Ticket
    part: Part
    task: "asyncio.Future[Found | None]"


class Work:
    """Creates and removes clouds for people who have signed in."""

    def __init__(
        self, provisioner: Provisioner, key: NameKey, log: JsonLog, *, work_s: float = WORK_S
    ) -> None:
        self._provisioner = provisioner
        self._configuration = provisioner.configuration
        self._key = key
        self._issuer = provisioner.configuration.issuer
        self._ticket_key = derive_key(key, TICKET_CONTEXT, self._issuer)
        self._log = log
        self._work_s = work_s
        self._running: dict[Goal, Running] = {}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="provisioning")
        self._short_threads = ThreadPoolExecutor(SHORT_THREADS, thread_name_prefix="records")

    def close(self) -> None:
        """Let every part end before its next step. The next request continues, here or elsewhere."""
        for running in self._running.values():
            running.part.stop()
        for threads in (self._threads, self._short_threads):
            threads.shutdown(wait=False, cancel_futures=True)

    async def request(self, person: Person) -> CloudProgress:
        """Return how far the cloud of a person is, using up the nonce of the sign-in, with the ticket to continue.

        Nothing is created yet.
        """
        owner = self._owner(person.subject)
        try:
            found, latest = await self._in_thread(self._look, owner, person)
        except NonceUsedError as exc:
            raise ProblemError(ProblemCode.WRONG_SIGN_IN, NONCE_USED) from exc
        except InfraError as exc:
            raise self._as_problem(exc, owner, person.subject) from exc
        if latest is not None and latest.gone is None:
            return self._removing(owner, person, latest)
        if latest is not None and latest.begun >= person.asked:
            raise ProblemError(
                ProblemCode.WRONG_SIGN_IN, "the sign-in is older than the removal of the cloud"
            )
        ticket = Ticket(Purpose.CREATE, person.subject, person.asked, self._until())
        return self._progress(owner, ticket, found)

    async def begin_removal(self, person: Person) -> CloudProgress:
        """Write the tombstone of a person's cloud, using up the nonce of the sign-in, and return the ticket to continue."""
        owner = self._owner(person.subject)
        try:
            tombstone = await self._in_thread(self._begin_removal, owner, person)
        except NonceUsedError as exc:
            raise ProblemError(ProblemCode.WRONG_SIGN_IN, NONCE_USED) from exc
        except NoSuchCloudError as exc:
            raise not_found("cloud of this account") from exc
        except InfraError as exc:
            raise self._as_problem(exc, owner, person.subject) from exc
        self._log.write("info", "removal", cloud=owner.name, number=tombstone.number)
        return self._removing(owner, person, tombstone)

    async def advance(self, text: str) -> CloudProgress:
        """Do the next part of the work and return how far it is. Raise a `not-signed-in` problem for a wrong ticket."""
        try:
            ticket = open_ticket(self._ticket_key, text, self._provisioner.clock())
        except TicketError as exc:
            raise ProblemError(ProblemCode.NOT_SIGNED_IN, str(exc)) from exc
        owner = self._owner(ticket.subject)
        running = self._start(ticket, owner)
        done, _ = await asyncio.wait({running.task}, timeout=self._work_s + GRACE_S)
        if not done:
            return self._unfinished(owner, ticket, running.part.step)
        try:
            return self._progress(owner, ticket, running.task.result(), is_done=True)
        except OutOfTimeError:
            return self._unfinished(owner, ticket, running.part.step)
        except RemovalUnderWayError:
            return self._answer(owner, "removing", ticket, step="another device is removing the cloud")
        except RemovedSinceError:
            is_later = running.ticket.asked < ticket.asked  # and perhaps later than the removal
            return self._answer(owner, "creating" if is_later else "gone", ticket)
        except (UnavailableError, QuotaError) as exc:
            raise self._as_problem(exc, owner, ticket.subject) from exc
        except InfraError as exc:
            self._log_failure(exc, owner, ticket.subject)
            return self._answer(owner, "failed", ticket, detail=FAILED)

    # -- in threads -----------------------------------------------------------------------------------------

    def _look(self, owner: Owner, person: Person) -> tuple[Found | None, Tombstone | None]:
        """Use up the nonce last: after a shard that does not respond, the device repeats the request."""
        found, latest = self._provisioner.find(owner), self._provisioner.records.latest(owner)
        self._use_nonce(person)
        return found, latest

    def _begin_removal(self, owner: Owner, person: Person) -> Tombstone:
        return self._provisioner.begin_removal(owner, partial(self._use_nonce, person))

    def _use_nonce(self, person: Person) -> None:
        """Use up the nonce for any purpose, so that the ID token of a creation begins no removal."""
        records, now = self._provisioner.records, self._provisioner.clock()
        records.use_nonce(person.nonce_digest, person.nonce_expires, now)

    def _work(self, ticket: Ticket, owner: Owner, part: Part) -> Found | None:
        """Do a part of the work. Return the cloud, or None once it is gone."""
        if ticket.purpose is Purpose.CREATE:
            return self._provisioner.provision(owner, ticket.subject, part.report, asked=ticket.asked)
        latest = self._provisioner.records.latest(owner)
        if latest is not None and latest.number == ticket.removal:
            self._provisioner.complete_removal(latest, part.report)
        return None

    def _start(self, ticket: Ticket, owner: Owner) -> Running:
        """Return the part of the work with the goal of a ticket, beginning one if there is none."""
        goal = Goal(ticket.purpose, ticket.removal, owner.name)
        running = self._running.get(goal)
        if running is not None:
            return running
        if len(self._running) >= MAX_AT_ONCE:
            raise ProblemError(ProblemCode.UNAVAILABLE, "too many clouds at once", retry_after_s=BUSY_S)
        part = Part(self._work_s)
        loop = asyncio.get_running_loop()
        task = loop.run_in_executor(self._threads, self._work, ticket, owner, part)
        running = self._running[goal] = Running(ticket, part, task)
        task.add_done_callback(partial(self._forget, goal))
        return running

    def _forget(self, goal: Goal, task: "asyncio.Future[Found | None]") -> None:
        self._running.pop(goal, None)
        if not task.cancelled():
            task.exception()  # marks it as seen: nobody may wait for it any more

    def _in_thread(self, call: Callable[..., T], *arguments: object) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._short_threads, partial(call, *arguments))

    # -- answers --------------------------------------------------------------------------------------------

    def _owner(self, subject: str) -> Owner:
        return identify(self._key, issuer=self._issuer, subject=subject)

    def _until(self) -> int:
        return self._provisioner.clock() + TTL_MS

    def _removing(self, owner: Owner, person: Person, tombstone: Tombstone) -> CloudProgress:
        ticket = Ticket(Purpose.REMOVE, person.subject, person.asked, self._until(), tombstone.number)
        return self._answer(owner, "removing", ticket, step="remove the address")

    def _progress(
        self, owner: Owner, ticket: Ticket, found: Found | None, *, is_done: bool = False
    ) -> CloudProgress:
        if found is not None and found.cloud.state is State.READY:
            return self._answer(owner, "ready", ticket, found=found)
        if ticket.purpose is Purpose.REMOVE and is_done:
            return self._answer(owner, "gone", ticket)
        return self._unfinished(owner, ticket, "")

    def _unfinished(self, owner: Owner, ticket: Ticket, step: str) -> CloudProgress:
        state: CloudState = "creating" if ticket.purpose is Purpose.CREATE else "removing"
        return self._answer(owner, state, ticket, step=step)

    def _answer(
        self,
        owner: Owner,
        state: CloudState,
        ticket: Ticket,
        *,
        found: Found | None = None,
        step: str = "",
        detail: str = "",
    ) -> CloudProgress:
        configuration = self._configuration
        if found is None:
            url = f"https://{configuration.host(owner.name, configuration.shards.home(owner))}"
        else:
            url = configuration.url(found.cloud, found.shard)
        return CloudProgress(
            state=state,
            name=owner.name,
            url=url,
            ticket=seal(self._ticket_key, ticket),
            step=step[:200],
            detail=detail,
            retry_after_s=WAIT_S if state in ("creating", "removing") else 0,
        )

    def _as_problem(self, error: InfraError, owner: Owner, subject: str) -> ProblemError:
        self._log_failure(error, owner, subject)
        if isinstance(error, QuotaError):
            return ProblemError(ProblemCode.QUOTA, "the provisioner has reached a limit of its platform")
        if isinstance(error, UnavailableError):
            return ProblemError(
                ProblemCode.UNAVAILABLE, "the platform does not respond", retry_after_s=BUSY_S
            )
        return ProblemError(ProblemCode.INTERNAL, FAILED)

    def _log_failure(self, error: InfraError, owner: Owner, subject: str) -> None:
        """Log a failure of the platform, without the account: a platform may quote the settings of the cloud."""
        level = "warning" if isinstance(error, UnavailableError) else "error"
        reason = str(error).replace(subject, "…")
        self._log.write(level, "platform", cloud=owner.name, reason=reason, **error_fields(error))
