"""A provisioner that lies: about the cloud, its address and its progress, and with every kind of whole answer.

The commands run as the owner runs them. The browser answers at once, and time passes without waiting.
"""

import functools
import json
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from tests.cli.conftest import Answer as Ran
from tests.cli.conftest import Cli
from tests.security.evil_server.addresses import ADDRESSES
from tests.security.evil_server.answers import KINDS, problem, redirect
from tests.security.evil_server.cases import WHOLE
from tests.security.evil_server.issuer import EvilIssuer
from tests.security.evil_server.mutations import ESCAPES, apply, fields_of, mutations_of
from tests.security.evil_server.provisioner import CLOUDS, NAME, EvilProvisioner, SignInListener
from tests.security.evil_server.server import OtherOrigin, Seen
from tests.security.evil_server.verdict import UNSAFE
from tests.security.evil_server.world import OWNER, VARIABLES, digest, new_home
from tests.support.asgi import Answer

from satchel.cloud import provisioner as client
from satchel.errors import RefusedError
from satchel.keys import Vault
from satchel.outgoing.address import Origin
from satchel_wire.problems import ProblemCode
from satchel_wire.provisioning import CloudProgress

SHARE: Final = 6
FAILED: Final = frozenset({1, 2, 3, 4, 6})
MAX_REQUESTS: Final = client.MAX_ANSWERS + 20


@dataclass
class Owner:
    """Connects, with a provisioner, an issuer and a cloud of the test's choice."""

    cli: Cli
    provisioner: EvilProvisioner
    cloud: SignInListener
    before: dict[str, bytes]

    def connect(self, *options: str, code: frozenset[int] = FAILED) -> Ran:
        """Connect, check the exit code, and check what holds in any case."""
        ran = self.cli.run("connect", self.provisioner.url, *options)
        assert ran.code in code, f"{ran.code}: {ran.err}"
        assert not UNSAFE.search(ran.text + ran.err.replace("\r\x1b[K", "")), ran.err
        assert "Traceback" not in ran.err
        assert "unexpected" not in ran.err
        assert len([line for line in ran.err.splitlines() if line.startswith("satchel: ")]) == 1, ran.err
        assert digest(self.cli.home) == self.before, "a failure leaves the home as it was"
        assert len(self.provisioner.seen) < MAX_REQUESTS
        assert not [each for each in self.provisioner.seen if each.token]
        return ran


@pytest.fixture(scope="module")
def issuer() -> Iterator[EvilIssuer]:
    with EvilIssuer() as server:
        yield server


@pytest.fixture(scope="module")
def evil_provisioner() -> Iterator[EvilProvisioner]:
    with EvilProvisioner() as server:
        yield server


@pytest.fixture(scope="module")
def named_cloud() -> Iterator[SignInListener]:
    with SignInListener(["sign-in"]) as server:
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_home(tmp_path_factory.mktemp("provisioned") / "home", OWNER).home


@pytest.fixture
def owner(
    home: Path,
    evil_provisioner: EvilProvisioner,
    named_cloud: SignInListener,
    issuer: EvilIssuer,
    monkeypatch: pytest.MonkeyPatch,
) -> Owner:
    evil_provisioner.reset()
    named_cloud.seen.clear()
    named_cloud.capabilities, named_cloud.info = ["sign-in"], {}
    evil_provisioner.issuer = named_cloud.issuer = issuer.url
    evil_provisioner.cloud = named_cloud.url
    monkeypatch.setattr("satchel.cli.signing_in.open_browser", functools.partial(_browse, issuer))
    _let_time_pass(monkeypatch)
    return Owner(Cli(home, VARIABLES), evil_provisioner, named_cloud, digest(home))


def _browse(issuer: EvilIssuer, url: str, _variables: object) -> None:
    threading.Thread(target=issuer.answer_browser, args=(url,), daemon=True).start()


def _let_time_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a wait move the clock instead of taking time."""
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    world = functools.partial(client.World, wait=wait, clock=lambda: now[0])
    monkeypatch.setattr("satchel.cli.provisioning.World", world)


def altering(**members: object) -> Any:  # noqa: ANN401  a change of answers
    """Return a change of members of every progress."""

    def change(_: Seen, answer: Answer) -> Answer:
        return Answer(answer.status, answer.headers, json.dumps(json.loads(answer.body) | members).encode())

    return change


# -- the progress ---------------------------------------------------------------------------------------------


def test_a_changed_field_is_refused_or_does_no_harm(owner: Owner) -> None:
    """The cloud has no owner, so even an honest run ends there."""
    owner.cloud.info = {"needs_code": True}
    found = []
    for field in fields_of(CloudProgress):
        for mutation in mutations_of(field):
            owner.provisioner.reset()
            bodies: list[bytes] = []
            if not _is_chosen(apply(owner.provisioner.progress(), field, mutation)):
                continue

            def change(_: Seen, answer: Answer, field: Any = field, mutation: Any = mutation) -> Answer:  # noqa: ANN401
                bodies.append(apply(json.loads(answer.body), field, mutation))  # noqa: B023  within this turn
                return Answer(answer.status, answer.headers, bodies[-1])  # noqa: B023

            owner.provisioner.alter = change
            ran = owner.connect()
            if "has no owner" in ran.err and not all(map(_is_decodable, bodies)):
                found.append(f"{field.place}: {mutation.kind}: an invalid answer was taken")
    assert not found, "\n".join(found)


def _is_chosen(body: bytes) -> bool:
    """Return whether a command meets an answer: every one that can be decoded, and some others."""
    return WHOLE or _is_decodable(body) or zlib.crc32(body) % SHARE == 0


def _is_decodable(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=CloudProgress)
    except (ValueError, RecursionError):
        return False
    return True


@pytest.mark.usefixtures("_brief")
@pytest.mark.parametrize("path", CLOUDS[::2])
def test_an_answer_that_no_provisioner_gives_is_refused(owner: Owner, path: str) -> None:
    owner.cloud.info = {"needs_code": True}
    for kind in KINDS:
        if kind.is_endless and not WHOLE:
            continue  # the transport's limits, which other operations meet
        owner.provisioner.reset()
        owner.provisioner.path, owner.provisioner.alter = path, kind.change
        ran = owner.connect()
        assert kind.is_harmless or kind.group == "bodies" or "has no owner" not in ran.err, kind.name


@pytest.mark.parametrize("code", list(ProblemCode), ids=lambda code: code.code)
def test_a_problem_with_hostile_text_is_one_line(owner: Owner, code: ProblemCode) -> None:
    owner.provisioner.alter = problem(code.code, code.status, ESCAPES * 100)
    owner.connect()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(owner: Owner, other: OtherOrigin, status: int) -> None:
    other.seen.clear()
    owner.provisioner.alter = redirect(status, f"{other.url}/stolen").change
    owner.connect(code=frozenset({6}))
    assert other.seen == []


HOSTILE: Final[dict[str, dict[str, object]]] = {
    "creating without end": {"state": "creating"},
    "creating without end, a minute a step": {"state": "creating", "retry_after_s": 60},
    "gone instead of ready": {"state": "gone"},
    "a failure with escapes": {"state": "failed", "detail": ESCAPES},
    "steps with escapes": {"state": "creating", "step": ESCAPES},
    "a ticket of megabytes": {"ticket": "x" * (8 << 20)},
    "a name of another form": {"name": "../../etc"},
    "a cloud that is the provisioner": {"url": "{own}"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_progress_ends_the_command(owner: Owner, name: str) -> None:
    members = {
        key: value.format(own=owner.provisioner.url) if key == "url" and isinstance(value, str) else value
        for key, value in HOSTILE[name].items()
    }
    owner.provisioner.alter = altering(**members)
    owner.connect()
    assert owner.cloud.seen == [], "the cloud is asked nothing"


def test_a_creation_without_end_is_left_after_half_an_hour(owner: Owner) -> None:
    owner.provisioner.alter = altering(state="creating", retry_after_s=60)
    ran = owner.connect(code=frozenset({6}))
    assert "still not done" in ran.err
    assert len(owner.provisioner.seen) < 40


def test_a_name_that_changes_is_refused(owner: Owner) -> None:
    names = iter([NAME, "c" + "b" * 25])

    def change(seen: Seen, answer: Answer) -> Answer:
        changed: Answer = altering(name=next(names))(seen, answer)
        return changed

    owner.provisioner.alter = change
    assert "instead of" in owner.connect(code=frozenset({4})).err


# -- the address ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_an_address_of_another_server_gets_nothing(owner: Owner, other: OtherOrigin, address: Any) -> None:  # noqa: ANN401
    other.seen.clear()
    hosts = {
        "own": owner.provisioner.url.removeprefix("http://"),
        "other": other.url.removeprefix("http://"),
    }
    owner.provisioner.alter = altering(url=address.url.format(**hosts))
    owner.connect()
    assert not [each for each in other.seen if each.token or each.body]


PROVISIONER: Final = "https://satchel.example.org"
REFUSED_ADDRESSES: Final = {
    "plain HTTP": f"http://{NAME}.s1.satchel.example.org",
    "this computer": "https://127.0.0.1:8443",
    "this computer by name": "https://localhost",
    "this computer over plain HTTP": "http://127.0.0.1:8080",
    "this computer within IPv6": "https://[::1]",
    "the provisioner itself": "https://satchel.example.org",
    "the provisioner itself in capitals": "https://SATCHEL.example.org/",
    "a private network": "https://10.0.0.7",
    "a metadata service": "https://169.254.169.254",
    "another cloud of the provisioner": f"https://c{'b' * 25}.s1.satchel.example.org",
    "a name that begins alike": f"https://{NAME}x.s1.satchel.example.org",
    "a path": f"https://{NAME}.s1.satchel.example.org/path",
    "a user name": f"https://{NAME}.s1.satchel.example.org@evil.example",
    "a query": f"https://{NAME}.s1.satchel.example.org?x",
    "escapes": f"https://{NAME}.\x1b[2J.example.org",
    "nothing": "",
}
FOREIGN_ADDRESSES: Final = {
    "another domain": f"https://{NAME}.evil.example",
    "a domain that ends alike": f"https://{NAME}.evilsatchel.example.org",
    "the provisioner's domain within another": f"https://{NAME}.satchel.example.org.evil.example",
    "the domain above the provisioner": f"https://{NAME}.example.org",
}


@pytest.mark.parametrize("name", REFUSED_ADDRESSES)
def test_an_address_that_no_cloud_has_is_refused(name: str) -> None:
    with pytest.raises(RefusedError):
        client.cloud_of(_ready(REFUSED_ADDRESSES[name]), Origin.parse(PROVISIONER))


@pytest.mark.parametrize("name", FOREIGN_ADDRESSES)
def test_an_address_elsewhere_needs_the_owners_word(name: str) -> None:
    place = client.cloud_of(_ready(FOREIGN_ADDRESSES[name]), Origin.parse(PROVISIONER))
    assert not place.is_under_provisioner


def test_an_address_below_the_provisioner_needs_none() -> None:
    place = client.cloud_of(_ready(f"https://{NAME}.s1.satchel.example.org"), Origin.parse(PROVISIONER))
    assert place.is_under_provisioner


def _ready(url: str) -> CloudProgress:
    return CloudProgress(state="ready", name=NAME, url=url, ticket="t")


# -- the cloud ------------------------------------------------------------------------------------------------


UNFIT: Final[dict[str, dict[str, object]]] = {
    "another issuer": {"issuer": "https://evil.example"},
    "no owner": {"needs_code": True},
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_cloud_of_another_kind_gets_no_sign_in(owner: Owner, name: str) -> None:
    owner.cloud.info = UNFIT[name]
    owner.connect(code=frozenset({4}))
    assert {each.path for each in owner.cloud.seen} == {"/v1/capabilities", "/v1/sign-in"}


def test_a_cloud_that_is_a_provisioner_too_gets_no_sign_in(owner: Owner) -> None:
    owner.cloud.capabilities = ["provision"]
    assert "is a provisioner itself" in owner.connect(code=frozenset({4})).err
    assert {each.path for each in owner.cloud.seen} == {"/v1/capabilities"}


# -- the removal ----------------------------------------------------------------------------------------------


REMOVALS: Final[dict[str, dict[str, object]]] = {
    "removing without end": {"state": "removing"},
    "ready instead of gone": {"state": "ready"},
    "creating instead of removing": {"state": "creating"},
    "a failure": {"state": "failed", "detail": ESCAPES},
    "another cloud": {"name": "c" + "b" * 25},
}


@pytest.mark.parametrize("name", REMOVALS)
def test_a_hostile_removal_leaves_the_connection(owner: Owner, tmp_path: Path, name: str) -> None:
    cli = _connected(tmp_path / "home", owner)
    before = digest(cli.home)
    owner.provisioner.alter = altering(**REMOVALS[name])
    ran = cli.run("disconnect", "--erase-cloud", "--yes")
    assert ran.code in FAILED, ran.err
    assert not UNSAFE.search(ran.err)
    after = digest(cli.home)
    after.pop("account.json", None)
    assert after == {name: data for name, data in before.items() if name != "account.json"}
    assert not [each for each in owner.provisioner.seen if each.token]


def _connected(folder: Path, owner: Owner) -> Cli:
    """Return a home that a provisioner's cloud has connected. The host does not exist, so nothing answers there."""
    cli = new_home(folder, OWNER)
    Vault(folder, use_keyring=False).store_token("a-token")
    host = f"{NAME}.s1.invalid"
    document = {
        "format": "satchel-cloud/2",
        "url": f"https://{host}",
        "device_id": "0" * 32,
        "provisioner": owner.provisioner.url,
    }
    (folder / "cloud.json").write_text(json.dumps(document))
    account = {
        "format": "satchel-account/1",
        "cloud": f"https://{host}",
        "issuer": owner.provisioner.issuer,
        "client_id": "satchel",
        "subject": "owner",
        "signed_in": "2026-11-29T12:00:00Z",
    }
    (folder / "account.json").write_text(json.dumps(account))
    return cli


def test_an_honest_removal_forgets_the_connection(owner: Owner, tmp_path: Path) -> None:
    cli = _connected(tmp_path / "home", owner)
    cli.ok("disconnect", "--erase-cloud", "--yes")
    assert not (cli.home / "cloud.json").exists()
    assert [each.path for each in owner.provisioner.seen][-3:] == [
        "/v1/clouds/removal",
        "/v1/clouds/advance",
        "/v1/clouds/advance",
    ]
