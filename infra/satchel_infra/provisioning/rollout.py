"""Give every cloud another release, in waves, and stop when it fails.

    rollout = Rollout(provisioner, goal, limits, report)
    outcome = rollout.run()

The platform's list says which release each cloud runs, so nothing else is remembered: the same command continues after a
kill, and the same command with the earlier release goes back. A cloud whose new release does not start keeps serving
with the earlier one; that is the platform's promise.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

from satchel_infra.configuration import CLOUD_SETTINGS, OIDC_ISSUER, OWNER_SUBJECT
from satchel_infra.errors import (
    DeniedError,
    FailedError,
    InfraError,
    NoSuchCloudError,
    QuotaError,
    UnavailableError,
)
from satchel_infra.platform import Cloud, CloudSpec, State
from satchel_infra.provisioning.clouds import Found, Provisioner
from satchel_infra.provisioning.waves import Pace, WaveSize, plan_waves

ATTEMPTS: Final = 4
FIRST_PAUSE_S: Final = 2.0
OF_THE_OWNER: Final = frozenset({OIDC_ISSUER, OWNER_SUBJECT})
CHANGED: Final = (State.READY, State.FAILED)


@dataclass(frozen=True, slots=True)
class Goal:
    """The release that clouds should run: the image of each shard by its id; with `settings`, also the configuration's settings."""

    images: Mapping[str, str]
    with_settings: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How carefully. The rate is for each shard; a failure in the first wave always stops."""

    waves: Sequence[WaveSize]
    parallel: int = 8
    per_minute: float = 60.0
    max_failures: int = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rollout is. `wave` counts from 1."""

    wave: int
    waves: int
    done: int
    total: int
    failed: int


@dataclass(slots=True)
class Outcome:
    """What a rollout did. `failures` has the reason of each failed cloud by its name; `earlier` counts images before."""

    total: int = 0
    updated: int = 0
    already: int = 0
    skipped: int = 0
    is_stopped: bool = False
    failures: dict[str, str] = field(default_factory=dict)
    earlier: Counter[str] = field(default_factory=Counter)


class StoppedError(Exception):
    """Too many clouds failed."""


class Rollout:
    """One run. `sleep` is called with seconds; tests replace it."""

    def __init__(
        self,
        provisioner: Provisioner,
        goal: Goal,
        limits: Limits,
        report: Callable[[Progress], None],
        *,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._provisioner = provisioner
        self._configuration = provisioner.configuration
        self._goal = goal
        self._limits = limits
        self._report = report
        self._sleep = sleep
        self._paces = {shard_id: Pace(limits.per_minute, sleep=sleep) for shard_id in goal.images}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._outcome = Outcome()

    def run(self, clouds: Iterable[Found]) -> Outcome:
        """Update clouds, which are listed before anything changes. Raise DeniedError at once, and what listing raises."""
        waiting = self._survey(clouds)
        sizes = plan_waves(self._limits.waves, self._outcome.already + len(waiting), self._outcome.already)
        try:
            for number, size in enumerate(sizes, 1):
                self._run_wave(waiting[:size], Progress(number, len(sizes), 0, size, 0))
                waiting = waiting[size:]
        except StoppedError:
            self._outcome.is_stopped = True
        return self._outcome

    def _survey(self, clouds: Iterable[Found]) -> list[Found]:
        """Return the clouds that have another release, in the order of their names, which are random."""
        waiting, outcome = [], self._outcome
        for found in clouds:
            outcome.total += 1
            if found.cloud.state not in CHANGED:
                outcome.skipped += 1
            elif self._is_done(found):
                outcome.already += 1
            else:
                waiting.append(found)
                outcome.earlier[found.cloud.image] += 1
        return sorted(waiting, key=lambda found: found.cloud.name)

    def _is_done(self, found: Found) -> bool:
        spec, cloud = self._spec(found), found.cloud
        has_settings = spec.settings == own_settings(cloud) or not self._goal.with_settings
        return cloud.state is State.READY and cloud.image == spec.image and has_settings

    def _spec(self, found: Found) -> CloudSpec:
        cloud = found.cloud
        settings = own_settings(cloud)
        if self._goal.with_settings:
            kept = {name: value for name, value in settings.items() if name in OF_THE_OWNER}
            settings = {**self._configuration.settings, **kept}
        return CloudSpec(cloud.owner, cloud.host, self._goal.images[found.shard.id], settings)

    def _run_wave(self, clouds: Sequence[Found], progress: Progress) -> None:
        """Update a wave, then look at each of its clouds again. Raise StoppedError, after what was begun is complete."""
        self._report(progress)
        with ThreadPoolExecutor(max(1, min(self._limits.parallel, len(clouds)))) as threads:
            try:
                updates = threads.map(lambda found: self._update(found, progress.wave), clouds)
                for done, _ in enumerate(updates, 1):
                    self._report(replace(progress, done=done, failed=len(self._outcome.failures)))
                if not self._stopped.is_set():
                    list(threads.map(lambda found: self._check(found, progress.wave), clouds))
            except BaseException:  # leaving the block would first update the rest of the wave
                self._stopped.set()
                raise
        if self._stopped.is_set():
            raise StoppedError

    def _update(self, found: Found, wave: int) -> None:
        """Update one cloud, unless the rollout has been stopped."""
        if self._stopped.is_set():
            return
        try:
            self._repeat(found)
        except NoSuchCloudError:  # removed meanwhile
            with self._lock:
                self._outcome.skipped += 1
        except DeniedError:
            self._stopped.set()
            raise
        except InfraError as exc:
            self._fail(found, str(exc), wave)
        except BaseException:  # the thread would continue with the next cloud
            self._stopped.set()
            raise
        else:
            with self._lock:
                self._outcome.updated += 1

    def _repeat(self, found: Found) -> None:
        """Update one cloud, again after a pause if the platform asks for it."""
        platform, spec = self._provisioner.open_shard(found.shard), self._spec(found)
        for pause_s in pauses():
            self._paces[found.shard.id].wait()
            try:
                platform.update(spec)
            except (UnavailableError, QuotaError):
                if pause_s is None:
                    raise
                self._sleep(pause_s)
            else:
                return

    def _check(self, found: Found, wave: int) -> None:
        """Check the health of a cloud as its platform sees it."""
        name = found.cloud.name
        if name in self._outcome.failures:
            return
        try:
            cloud = self._provisioner.open_shard(found.shard).find(name)
        except InfraError as exc:
            self._fail(found, str(exc), wave)
            return
        if cloud is not None and cloud.state is State.FAILED:
            self._fail(found, cloud.detail or "it does not serve any more", wave)

    def _fail(self, found: Found, reason: str, wave: int) -> None:
        with self._lock:
            self._outcome.failures[found.cloud.name] = reason
            if wave == 1 or len(self._outcome.failures) > self._limits.max_failures:
                self._stopped.set()


def pauses() -> Iterator[float | None]:
    """Yield how long to wait after each attempt that may be repeated; None after the last one."""
    for attempt in range(ATTEMPTS - 1):
        yield FIRST_PAUSE_S * 4**attempt
    yield None


def own_settings(cloud: Cloud) -> dict[str, str]:
    """Return the settings of a cloud that are not its platform's."""
    known = CLOUD_SETTINGS | {OWNER_SUBJECT}
    return {name: value for name, value in cloud.settings.items() if name in known}


def previous_image(clouds: Iterable[Found], configured: Collection[str]) -> str:
    """Return the image that most clouds run among those that do not run a configured one.

    So a rollout of the configured image goes back, however far it is. Raise FailedError if every cloud runs the same
    image, or if it was the other image that was being rolled out: waves go in the order of the names.
    """
    images = [cloud.image for cloud in sorted(_whole(clouds), key=lambda cloud: cloud.name)]
    counts = Counter(image for image in images if image not in configured)
    if len(set(images)) < 2 or not counts:
        raise FailedError(
            "every cloud runs the same image, so the earlier one is unknown",
            hint="name the image: satchel-infra rollout IMAGE",
        )
    image = counts.most_common(1)[0][0]
    if images[0] == image and images[-1] in configured:
        raise FailedError(
            f"the clouds seem to be on the way to {image!r} from the image of the configuration",
            hint=f"to go back, run satchel-infra rollout; to continue, run satchel-infra rollout {image}",
        )
    return image


def _whole(clouds: Iterable[Found]) -> Iterator[Cloud]:
    return (found.cloud for found in clouds if found.cloud.state in CHANGED)
