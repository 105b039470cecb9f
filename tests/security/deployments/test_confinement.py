"""P-CONFINED: every deployment that `satchel-infra` prints confines the service, and none holds a secret."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml  # type: ignore[import-untyped]
from tests.contract.platforms.subject import KEY, SETTINGS

from satchel_infra.configuration import CLOUD_SETTINGS
from satchel_infra.main import main
from satchel_service.settings import SETTINGS as TABLE

ROOT: Final = Path(__file__).resolve().parents[3]
DOMAIN: Final = ("--domain", "clouds.example.org")
IMAGE: Final = ("--image", f"registry.example.org/satchel@sha256:{'a' * 64}")
TARGETS: Final[Mapping[str, tuple[str, ...]]] = {
    "systemd": ("--command", "/opt/satchel/bin/satchel-service"),
    "compose": (),
    "box": (*DOMAIN, "--release", "/opt/satchel"),
    "cloudrun": (*DOMAIN, *IMAGE, "--project", "clouds-1"),
    "knative": (*DOMAIN, *IMAGE),
    "knative-bucket": (*DOMAIN, *IMAGE, "--option=storage=bucket", "--option=storage_class=buckets"),
}
ALL: Final = pytest.mark.parametrize("target", TARGETS)
SECRETS: Final = sorted(setting.env for setting in TABLE if setting.secret)
OTHER_DEFAULTS: Final = {"box": ("SATCHEL_QUOTA_BYTES",)}
"""Settings for which a target prints a value of its own, unless the operator chooses one."""
CANARY: Final = "canary-5f7c1d"


@pytest.fixture
def render(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Print a deployment with one cloud in it, and return the text."""
    key = tmp_path / "name.key"
    key.write_bytes(KEY)
    key.chmod(0o600)

    def run(target: str, *words: str, settings: Mapping[str, str] = SETTINGS, code: int = 0) -> str:
        name = target.partition("-")[0]
        one = ("--name-key-file", str(key)) if name in ("cloudrun", "knative") else ()
        chosen = [f"--set={key}={value}" for key, value in settings.items()]
        assert main(["render", name, *TARGETS[target], *one, *chosen, *words]) == code
        said = capsys.readouterr()
        return said.out if code == 0 else said.out + said.err

    return run


def unit_of(text: str, name: str = "") -> dict[str, str]:
    """Return the section [Service] of a unit, by its file where there are several."""
    start = text.index(f"/{name}\n") if name else 0
    section = text[text.index("[Service]", start) :].split("\n\n", maxsplit=1)[0]
    return dict(line.split("=", 1) for line in section.splitlines()[1:] if not line.startswith("#"))


def pod_of(text: str) -> dict[str, Any]:
    """Return the pod of the Service of Knative."""
    services = [each for each in yaml.safe_load_all(text) if each["kind"] == "Service"]
    pod: dict[str, Any] = services[0]["spec"]["template"]["spec"]
    return pod


def service_of(text: str) -> dict[str, Any]:
    """Return the service of Cloud Run."""
    documents = [json.loads(each) for each in re.findall(r"<<'JSON'\n(.*?)\nJSON\n", text, re.DOTALL)]
    found: dict[str, Any] = next(each for each in documents if "template" in each)
    return found


def check_unit(unit: Mapping[str, str], state: str) -> None:
    """A user of its own, one writable directory, no capability."""
    assert unit["DynamicUser"] == "yes"
    assert unit["NoNewPrivileges"] == "yes"
    assert unit["CapabilityBoundingSet"] == ""
    assert unit["ProtectSystem"] == "strict"
    assert unit["ProtectHome"] in ("yes", "tmpfs")
    assert unit["StateDirectory"] == state
    # instances of one template would share the user of DynamicUser=, so each has the name of its own
    assert unit.get("User", "") == ("%i" if "%i" in state else "")
    assert not {"ReadWritePaths", "AmbientCapabilities", "BindPaths", "PermissionsStartOnly"} & set(unit)
    assert unit["MemoryMax"] == "256M"


def check_image_user() -> None:
    """The image of the service has a user without rights, and no deployment names another one."""
    user = re.findall(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[-1]
    assert min(map(int, user)) > 0


def test_a_unit_is_confined(render: Callable[..., str]) -> None:
    check_unit(unit_of(render("systemd")), "satchel")
    text = render("box")
    check_unit(unit_of(text, "satchel-cloud@.service"), "satchel-clouds/%i")
    socket = text[text.index("/satchel-cloud@.socket\n") :].split("# ----")[0]
    assert "SocketMode=0660" in socket  # no other cloud connects: clouds are no members of the proxy's group
    assert "ListenStream=/run/" in socket


def test_a_composed_container_is_confined(render: Callable[..., str]) -> None:
    check_image_user()
    service = json.loads(render("compose"))["services"]["satchel"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["satchel:/var/lib/satchel"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert not {"user", "privileged", "cap_add", "devices", "network_mode", "pid", "ipc"} & set(service)


def test_a_service_on_cloud_run_is_confined(render: Callable[..., str]) -> None:
    check_image_user()
    service = service_of(render("cloudrun"))
    template = service["template"]
    # gVisor holds the container; its root lies in memory and ends with the instance
    assert template["executionEnvironment"] == "EXECUTION_ENVIRONMENT_GEN1"
    assert template["serviceAccount"].split("@")[0] != "default"
    assert "volumes" not in template
    (container,) = template["containers"]
    assert not {"command", "args", "volumeMounts"} & set(container)
    assert service["ingress"] == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    assert service["defaultUriDisabled"] is True


@pytest.mark.parametrize("target", ["knative", "knative-bucket"])
def test_a_pod_of_knative_is_confined(render: Callable[..., str], target: str) -> None:
    pod = pod_of(render(target))
    (container,) = pod["containers"]
    context = container["securityContext"]
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["automountServiceAccountToken"] is False
    assert (context["runAsNonRoot"], context["readOnlyRootFilesystem"]) == (True, True)
    assert (context["allowPrivilegeEscalation"], context["capabilities"]) == (False, {"drop": ["ALL"]})
    lasting = [volume["name"] for volume in pod["volumes"] if "emptyDir" not in volume]
    assert lasting == (["data"] if target == "knative" else [])
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)


@ALL
def test_a_secret_setting_is_refused_and_not_repeated(render: Callable[..., str], target: str) -> None:
    assert SECRETS
    for name in SECRETS:
        said = render(target, settings={**SETTINGS, name: CANARY}, code=2)
        assert name in said
        assert CANARY not in said
        assert said.count("\n") == 1


@ALL
def test_a_printed_secret_is_only_a_reference(render: Callable[..., str], target: str) -> None:
    text = render(target)
    for name in SECRETS:
        for line in re.findall(rf".*\b{name}\b.*\n.*", text):
            assert re.search(rf"name: {name}\n +valueFrom:|key: {name}\b", line), line
    assert not re.search(r"BEGIN [A-Z ]*PRIVATE KEY|kind: Secret", text)


@ALL
def test_every_target_takes_the_settings_of_one_table(render: Callable[..., str], target: str) -> None:
    defaults = {setting.env: setting.default for setting in TABLE if setting.env in CLOUD_SETTINGS}
    chosen = {*SETTINGS, *OTHER_DEFAULTS.get(target, ())}
    known = {name: value for name, value in defaults.items() if name not in chosen}
    assert render(target, settings={**known, **SETTINGS}) == render(target)
    text = render(target, settings={**SETTINGS, "SATCHEL_SHARES": "4321"})
    assert "4321" in text
    assert "4321" not in render(target)
    assert "SATCHEL_NO_SUCH" in render(target, settings={"SATCHEL_NO_SUCH": "1"}, code=2)
