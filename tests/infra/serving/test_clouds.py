"""An owner asks for a cloud, follows it, and takes it down."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest
from tests.contract.platforms.memory import MemoryPlatform, World
from tests.contract.platforms.subject import Fault, namesake
from tests.infra.serving.conftest import MakeService, Service
from tests.support.asgi import Call
from tests.support.loopback_issuer import JWKS, METADATA

from satchel_infra.names import Owner
from satchel_infra.platform import Cloud, CloudSpec, Report, ignore
from satchel_infra.provisioning.records import Records
from satchel_infra.serving.sign_ins import EACH_ACCOUNT
from satchel_infra.serving.tickets import Ticket
from satchel_infra.serving.work import Running
from satchel_infra.shards import Shard
from satchel_service.storage import StorageError


def test_an_owner_gets_a_cloud_and_sees_its_progress(service: Service) -> None:
    owner = service.owner()
    asked = service.request()
    assert asked.status == 202
    progress = asked.json()
    assert (progress["state"], progress["name"]) == ("creating", owner.name)
    assert service.place.shards_with(owner) == []
    ready = service.follow(asked)
    assert ready["state"] == "ready"
    assert ready["url"] == f"https://{owner.name}.a.clouds.example.org"
    assert service.request().json()["state"] == "ready"
    (cloud,) = service.place.worlds["a"].fronts.values()
    assert cloud.settings["SATCHEL_OWNER_SUBJECT"] == "auth0|ada"


def test_the_address_is_the_one_that_the_cloud_has(service: Service) -> None:
    """The cloud was created under an earlier domain."""
    service.follow(service.request())
    fronts, name = service.place.worlds["a"].fronts, service.owner().name
    fronts[name] = replace(fronts[name], host=f"{name}.a.old.example.org")
    assert service.request().json()["url"] == f"https://{name}.a.old.example.org"


def test_two_devices_at_once_and_two_provisioners_give_the_same_cloud(make_service: MakeService) -> None:
    first, second = make_service("ab"), make_service("ab")
    answers = [each.request() for each in (first, second)]
    done = [each.follow(answer) for each, answer in zip((second, first), answers, strict=True)]
    assert {(each["state"], each["url"]) for each in done} == {("ready", done[0]["url"])}
    assert len(first.place.shards_with(first.owner())) == 1


def test_sign_ins_at_once_share_one_request_for_the_issuers_keys(service: Service) -> None:
    tokens = [service.id_token(sub=f"person {number}") for number in range(6)]
    headers = {"content-type": "application/json"}
    calls = [
        Call("POST", "/v1/clouds", headers, (json.dumps(service.proof(token)).encode(),)) for token in tokens
    ]
    assert [answer.status for answer in service.loopback.race(calls)] == [202] * 6
    assert service.issuer.requests == [METADATA, JWKS]


def test_the_ticket_goes_on_at_another_provisioner(make_service: MakeService) -> None:
    slow = make_service(work_s=0.0)
    ticket = slow.request().json()["ticket"]
    progress = slow.advance(ticket).json()
    assert (progress["state"], progress["step"]) == ("creating", "create the account")
    assert progress["retry_after_s"] >= 1
    assert make_service().advance(ticket).json()["state"] == "ready"


THREADS: Final = 2


class Slow(MemoryPlatform):
    """Its second step waits until a test lets it go on."""

    gate = threading.Event()
    has_begun = threading.Event()

    def ensure(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        report("wait for the platform")
        self.has_begun.set()
        assert self.gate.wait(30)
        return super().ensure(spec, report)


@pytest.fixture
def slow_service(make_service: MakeService, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A provisioner whose creations wait for `Slow.gate`."""
    monkeypatch.setattr("satchel_infra.serving.work.GRACE_S", 0.1)
    monkeypatch.setattr("satchel_infra.serving.work.THREADS", THREADS)
    monkeypatch.setattr(Slow, "gate", threading.Event())
    monkeypatch.setattr(Slow, "has_begun", threading.Event())
    service = make_service(work_s=0.2)
    world = service.place.worlds.setdefault("a", World())
    object.__setattr__(service.work._provisioner, "open_shard", lambda shard: Slow(shard, world))
    yield service
    Slow.gate.set()


def begin(service: Service, ticket: str) -> None:
    """Let the creation of a ticket begin to wait, however late its thread runs."""
    assert service.advance(ticket).json()["state"] == "creating"
    assert Slow.has_begun.wait(30)


def test_a_slow_step_is_answered_in_time_and_joined_later(slow_service: Service) -> None:
    service = slow_service
    ticket = service.request().json()["ticket"]
    begin(service, ticket)
    for _ in range(3):
        progress = service.advance(ticket).json()
        assert (progress["state"], progress["step"]) == ("creating", "wait for the platform")
    assert len(service.work._running) == 1
    Slow.gate.set()
    assert service.follow(service.request())["state"] == "ready"


def test_the_tickets_of_one_account_take_one_thread(slow_service: Service) -> None:
    service = slow_service
    tickets = [service.request().json()["ticket"] for _ in range(3)]
    assert len(set(tickets)) == 3
    assert {service.advance(ticket).json()["state"] for ticket in tickets} == {"creating"}
    assert len(service.work._running) == 1
    Slow.gate.set()
    assert {service.follow(service.advance(ticket))["state"] for ticket in tickets} == {"ready"}


def test_accounts_that_take_every_thread_do_not_delay_the_requests_of_another(slow_service: Service) -> None:
    service = slow_service
    world = service.place.worlds["a"]
    spec = service.place.provisioner().configuration.spec(service.owner(), "auth0|ada", Shard("a"))
    MemoryPlatform(Shard("a"), world).ensure(spec)
    for number in range(THREADS + 1):
        service.advance(service.request(sub=f"person {number}").json()["ticket"])
    assert len(service.work._running) == THREADS + 1
    assert service.request(sub="eve").json()["state"] == "creating"
    assert service.remove().json()["state"] == "removing"
    assert len(service.work._running) == THREADS + 1


def test_a_ticket_that_joins_an_older_one_is_not_told_that_its_cloud_is_gone(
    slow_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, other = slow_service, slow_service.place.provisioner()
    early = service.request().json()["ticket"]
    begin(service, early)
    other.provision(service.owner(), "auth0|ada")
    other.remove(service.owner())
    late = service.request().json()["ticket"]
    start = service.work._start

    def join(ticket: Ticket, owner: Owner) -> Running:
        running = start(ticket, owner)
        Slow.gate.set()
        return running

    monkeypatch.setattr(service.work, "_start", join)
    joined = service.advance(late)
    assert joined.json()["state"] == "creating"
    assert service.follow(joined)["state"] == "ready"
    assert service.advance(early).json()["state"] == "gone"


def test_an_owner_takes_the_cloud_down_and_comes_back_to_an_empty_one(service: Service) -> None:
    owner = service.owner()
    service.follow(service.request())
    service.place.worlds["a"].stores[owner.name].append("log")
    asked = service.remove()
    assert (asked.status, asked.json()["state"]) == (202, "removing")
    assert service.place.shards_with(owner) == ["a"]
    again = service.request()
    assert again.json()["state"] == "removing"
    assert service.follow(again)["state"] == "gone"
    assert service.follow(asked)["state"] == "gone"
    assert service.place.shards_with(owner) == []
    assert service.remove().problem == "not-found"
    assert service.follow(service.request())["state"] == "ready"
    assert service.place.worlds["a"].stores[owner.name] == []


def test_a_ticket_of_an_earlier_removal_does_not_reach_the_next_cloud(service: Service) -> None:
    service.follow(service.request())
    removal = service.remove().json()["ticket"]
    assert service.advance(removal).json()["state"] == "gone"
    service.follow(service.request())
    assert service.advance(removal).json()["state"] == "gone"
    assert service.place.shards_with(service.owner()) == ["a"]


def test_a_ticket_of_an_earlier_creation_does_not_bring_the_cloud_back(service: Service) -> None:
    creation = service.request().json()["ticket"]
    assert service.advance(creation).json()["state"] == "ready"
    removal = service.remove()
    assert service.advance(creation).json()["state"] == "removing"
    service.follow(removal)
    assert service.advance(creation).json()["state"] == "gone"
    assert service.place.shards_with(service.owner()) == []


def test_a_sign_in_from_before_the_removal_does_not_bring_the_cloud_back(service: Service) -> None:
    early = service.id_token()
    service.follow(service.request())
    service.follow(service.remove())
    assert service.request(early).problem == "wrong-sign-in"
    assert service.place.shards_with(service.owner()) == []


@pytest.mark.parametrize(
    ("fault", "status", "problem"), [(Fault.UNAVAILABLE, 503, "unavailable"), (Fault.QUOTA, 507, "quota")]
)
def test_a_platform_that_cannot_is_a_problem_that_asking_again_mends(
    service: Service, fault: Fault, status: int, problem: str
) -> None:
    ticket = service.request().json()["ticket"]
    world = service.place.worlds["a"]
    world.fault = fault
    answer = service.advance(ticket)
    assert (answer.status, answer.problem) == (status, problem)
    assert ("retry-after" in answer.headers) == (status == 503)
    world.fault = None
    assert service.advance(ticket).json()["state"] == "ready"


@pytest.mark.parametrize("way", ["request", "remove"])
def test_a_request_that_cannot_be_answered_leaves_the_sign_in_valid(service: Service, way: str) -> None:
    """A device repeats the request with the same ID token, as it is told."""
    service.follow(service.request())
    ask = {"request": service.request, "remove": service.remove}[way]
    world, token = service.place.worlds["a"], service.id_token()
    world.fault = Fault.UNAVAILABLE
    assert ask(token).problem == "unavailable"
    world.fault = None
    assert ask(token).status == 202
    assert ask(token).problem == "wrong-sign-in"
    assert service.request(token).problem == "wrong-sign-in"


def test_a_removal_without_a_cloud_uses_the_sign_in_up(service: Service) -> None:
    token = service.id_token()
    assert service.remove(token).problem == "not-found"
    service.follow(service.request())
    assert service.remove(token).problem == "wrong-sign-in"
    assert service.place.shards_with(service.owner()) == ["a"]


def test_records_that_cannot_be_swept_leave_the_sign_in_valid(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("no answer")

    token = service.id_token()
    with monkeypatch.context() as broken:
        broken.setattr(Records, "_sweep_nonces", fail)
        assert service.request(token).problem == "unavailable"
    assert service.request(token).status == 202


def test_a_failure_is_told_without_its_reason_which_is_logged_without_the_account(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = service.request().json()["ticket"]
    service.place.worlds["a"].fault = Fault.DENIED
    progress = service.advance(ticket).json()
    assert progress["state"] == "failed"
    assert "platform says" not in progress["detail"]
    (entry,) = [entry for entry in service.entries() if entry["event"] == "platform"]
    assert (entry["level"], entry["cloud"]) == ("error", service.owner().name)
    assert "denied" in entry["reason"]


def test_the_cloud_of_another_account_under_the_same_name_is_never_touched(service: Service) -> None:
    spec = service.place.provisioner().configuration.spec(
        namesake(service.owner()), "eve", service.place.provisioner().configuration.shards.all[0]
    )
    service.place.open_shard(service.place.provisioner().configuration.shards.all[0]).ensure(spec)
    assert service.request().problem == "internal"
    assert service.remove().problem == "internal"
    assert service.place.worlds["a"].fronts[service.owner().name].owner == namesake(service.owner())


def test_an_account_that_asks_all_the_time_is_slowed_down_alone(service: Service) -> None:
    answers = [service.request() for _ in range(EACH_ACCOUNT.burst + 1)]
    assert [answer.status for answer in answers[:-1]] == [202] * EACH_ACCOUNT.burst
    assert answers[-1].problem == "too-many"
    assert service.request(sub="eve").status == 202
