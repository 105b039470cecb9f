"""The provisioner as a process: gunicorn, a certified issuer, socket activation, signals, its log."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import urllib3
from tests.oidc.code_flow import tokens_of
from tests.oidc.issuer import ANOTHER_APP, RESOURCE, SECOND_FACTOR, Issuer
from tests.oidc.user_agent import Person
from tests.support.activation import ActivatedService, ask, connect, listen
from tests.support.service import free_port
from tests.support.sign_in_proofs import Nonces
from tests.support.waiting import wait_until

pytestmark = pytest.mark.tool("node", "npm")

ROOT: Final = Path(__file__).parents[3]
PROGRAM: Final = (sys.executable, "-m", "tests.infra.processes.memory_provisioner", "serve")
PUBLIC_URL: Final = "https://satchel.example.org"
CONFIGURATION: Final = """\
domain = "clouds.example.org"
platform = "box"
image = "release-1"
records = "file:{folder}/records"
name_key_file = "name.key"
[settings]
SATCHEL_OIDC_ISSUER = "{issuer}"
SATCHEL_OIDC_CLIENT_ID = "satchel"
{more}
[[generations]]
shards = [{{ id = "a" }}]
"""


@dataclass
class Running:
    """A provisioner. `seen` are the tokens and tickets that went through it."""

    url: str
    issuer: Issuer
    process: "subprocess.Popen[bytes]"
    log: Path
    seen: list[str]
    origin: str
    nonces: Nonces = field(init=False)

    def __post_init__(self) -> None:
        self.nonces = Nonces(self.origin, lambda: self.send("POST", "/v1/sign-in/nonce")[1]["nonce"])

    def send(self, method: str, path: str, message: object = None) -> tuple[int, dict[str, Any]]:
        answer = urllib3.request(method, self.url + path, json=message, retries=False, timeout=40.0)
        return answer.status, answer.json()

    def tokens(self, name: str = "ada", client: str = "satchel", **parameters: str) -> dict[str, str]:
        tokens = tokens_of(
            self.issuer,
            client,
            self.nonces.request(),
            Person(name, has_second_factor="acr_values" in parameters),
            **parameters,
        )
        self.seen += [tokens["id_token"], tokens["access_token"]]
        return tokens

    def begin(self, path: str, token: str) -> tuple[int, dict[str, Any]]:
        return self.send("POST", path, self.nonces.proof(token))

    def follow(self, begun: tuple[int, dict[str, Any]]) -> dict[str, Any]:
        status, progress = begun
        assert status == 202, progress
        while progress["state"] in ("creating", "removing"):
            self.seen.append(progress["ticket"])
            status, progress = self.send("POST", "/v1/clouds/advance", {"ticket": progress["ticket"]})
            assert status == 200, progress
        return progress


def write_configuration(folder: Path, issuer: Issuer, more: str = "") -> Path:
    file = folder / "infra.toml"
    file.write_text(CONFIGURATION.format(folder=folder, issuer=issuer.url, more=more))
    (folder / "name.key").write_bytes(bytes(range(32)))
    (folder / "name.key").chmod(0o600)
    return file


def environ_of(**more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SATCHEL_")}
    return {**inherited, "PYTHONPATH": str(ROOT), **more}


@pytest.fixture
def running(tmp_path: Path, provider: Issuer) -> Iterator[Running]:
    port, log = free_port(), tmp_path / "log"
    file = write_configuration(tmp_path, provider)
    environ = environ_of(PORT=str(port), SATCHEL_PUBLIC_URL=PUBLIC_URL)
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*PROGRAM, "--config", file], cwd=ROOT, env=environ, stdout=stream, stderr=stream
        )
    try:
        found = Running(f"http://127.0.0.1:{port}", provider, process, log, [], PUBLIC_URL)
        wait_until(lambda: responds(found))
        yield found
    finally:
        process.terminate()
        process.wait(20)


def responds(running: Running) -> bool:
    assert running.process.poll() is None, running.log.read_text()
    try:
        return running.send("GET", "/ready")[0] == 200
    except urllib3.exceptions.HTTPError:
        return False


def test_an_owner_signs_in_gets_a_cloud_and_takes_it_down(running: Running) -> None:
    tokens = [running.tokens()["id_token"] for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:  # several devices at once
        done = list(threads.map(lambda token: running.follow(running.begin("/v1/clouds", token)), tokens))
    assert {each["state"] for each in done} == {"ready"}
    assert len({each["url"] for each in done}) == 1
    other = running.follow(running.begin("/v1/clouds", running.tokens("bob")["id_token"]))
    assert other["name"] != done[0]["name"]

    fresh = running.tokens()["id_token"]
    assert running.follow(running.begin("/v1/clouds/removal", fresh))["state"] == "gone"
    status, problem = running.begin("/v1/clouds/removal", fresh)
    assert (status, problem["type"]) == (403, "urn:satchel:problem:wrong-sign-in")
    status, problem = running.begin("/v1/clouds/removal", running.tokens()["id_token"])
    assert (status, problem["type"]) == (404, "urn:satchel:problem:not-found")
    again = running.follow(running.begin("/v1/clouds", running.tokens()["id_token"]))
    assert again["url"] == done[0]["url"]

    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(20) == 0
    lines = running.log.read_text().splitlines()
    assert all(json.loads(line)["event"] for line in lines)
    for secret in (*running.seen, '"ada"', '"bob"', bytes(range(32)).hex()):
        assert secret not in running.log.read_text()


def test_tokens_of_the_same_issuer_for_other_purposes_are_refused(running: Running) -> None:
    old = running.tokens()["id_token"]
    access = running.tokens(resource=RESOURCE)["access_token"]
    another = running.tokens(client=ANOTHER_APP)["id_token"]
    for token in (access, another, old[:-4] + "AAAA"):
        for path in ("/v1/clouds", "/v1/clouds/removal"):
            status, problem = running.begin(path, token)
            assert (status, problem["type"]) == (403, "urn:satchel:problem:wrong-sign-in")
    running.follow(running.begin("/v1/clouds", old))
    running.issuer.set_clock(-600)
    running.issuer.ignore_max_age()
    status, problem = running.begin("/v1/clouds/removal", running.tokens()["id_token"])
    assert (status, problem["type"]) == (403, "urn:satchel:problem:fresh-sign-in")


def test_the_server_refuses_what_the_service_refuses(running: Running) -> None:
    answer = urllib3.request("GET", running.url + "/" + "a" * 9000, retries=False)
    assert answer.status == 414
    assert answer.json()["type"] == "urn:satchel:problem:bad-request"
    assert answer.headers["x-content-type-options"] == "nosniff"
    body = json.dumps({"id_token": "x" * 30_000}).encode()
    answer = urllib3.request(
        "POST", running.url + "/v1/clouds", body=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status, answer.json()["type"]) == (413, "urn:satchel:problem:too-large")


def test_it_starts_at_the_first_connection_and_ends_when_idle(tmp_path: Path, provider: Issuer) -> None:
    file = write_configuration(tmp_path, provider)
    path = str(tmp_path / "p.sock")
    environ = environ_of(SATCHEL_IDLE_EXIT_S="1", SATCHEL_PUBLIC_URL=PUBLIC_URL)
    command = (*PROGRAM, "--config", file)
    with ActivatedService(listen(path), environ, tmp_path / "errors", command) as service:
        with connect(path) as connection:
            assert ask(connection, "/v1/capabilities").endswith(b'{"capabilities":["provision","sign-in"]}')
        wait_until(lambda: service.exits == [0])
        with connect(path) as connection:
            assert ask(connection, f"/ask?domain=c{'a' * 25}.a.clouds.example.org").startswith(
                b"HTTP/1.1 404 "
            )


def test_a_second_factor_is_required_by_the_settings_of_clouds(tmp_path: Path, provider: Issuer) -> None:
    file = write_configuration(tmp_path, provider, 'SATCHEL_OIDC_REQUIRE_MFA = "true"')
    port = free_port()
    process = subprocess.Popen(
        [*PROGRAM, "--config", file],
        cwd=ROOT,
        env=environ_of(PORT=str(port), SATCHEL_PUBLIC_URL=f"http://127.0.0.1:{port}"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        running = Running(url, provider, process, tmp_path / "log", [], url)
        wait_until(lambda: responds(running))
        status, problem = running.begin("/v1/clouds", running.tokens()["id_token"])
        assert (status, problem["type"]) == (403, "urn:satchel:problem:second-factor")
        token = running.tokens(acr_values=SECOND_FACTOR)["id_token"]
        assert running.follow(running.begin("/v1/clouds", token))["state"] == "ready"
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("name.key", None), "the key for names cannot be read"),
        (("infra.toml", ("SATCHEL_OIDC_", "SATCHEL_OIDX_")), "settings.SATCHEL_OIDX_ISSUER"),
        (("infra.toml", ("file:", "file:/dev/null")), "the storage of the records"),
    ],
)
def test_what_is_wrong_is_said_before_it_serves(
    tmp_path: Path, provider: Issuer, change: tuple[str, tuple[str, str] | None], message: str
) -> None:
    file = write_configuration(tmp_path, provider)
    name, replacement = change
    if replacement is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_text((tmp_path / name).read_text().replace(*replacement))
    done = subprocess.run(
        [*PROGRAM, "--config", file],
        cwd=ROOT,
        env=environ_of(PORT="0", SATCHEL_PUBLIC_URL=PUBLIC_URL),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (2, 6)
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_it_does_not_serve_without_an_address_to_bind_sign_ins_to(tmp_path: Path, provider: Issuer) -> None:
    done = subprocess.run(
        [*PROGRAM, "--config", write_configuration(tmp_path, provider)],
        cwd=ROOT,
        env=environ_of(PORT="0"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "SATCHEL_PUBLIC_URL is not set" in done.stderr
