"""docs/guides/provisioner.md: its objects are valid, and the provisioner starts with the files that they mount."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import urllib3
import yaml  # type: ignore[import-untyped]
from tests.docs.test_cloud_run_guide import TOML as CLOUD_RUN
from tests.docs.test_knative_guide import TOML as KNATIVE
from tests.infra.processes.test_serve import ROOT, environ_of
from tests.support.kubernetes_fake import schemas
from tests.support.service import free_port
from tests.support.waiting import wait_until

from satchel_infra.cloudrun.service_body import labels_of
from satchel_infra.configuration import Configuration
from satchel_infra.knative.options import Options

PAGE: Final = (ROOT / "docs" / "guides" / "provisioner.md").read_text()
OBJECTS: Final = [
    list(yaml.safe_load_all(text))
    for text in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
]
KEYS: Final = re.findall(r'^name_key_file = "(.*)"$', PAGE, re.MULTILINE)
PROGRAM: Final = (sys.executable, "-m", "tests.infra.processes.memory_provisioner")
USER: Final = 65532


def test_every_object_is_valid_by_its_published_schema() -> None:
    for manifest in (one for group in OBJECTS for one in group):
        assert schemas.check(manifest) == ""


def pod_of(group: int) -> dict[str, Any]:
    pod: dict[str, Any] = OBJECTS[group][0]["spec"]["template"]["spec"]
    return pod


def mounted(pod: dict[str, Any], files: dict[str, str]) -> dict[str, int]:
    """Return the paths of the mounted files with their modes. `files` are those of a secret without items."""
    volumes = {volume["name"]: volume.get("secret") for volume in pod["volumes"]}
    found: dict[str, int] = {}
    for mount in pod["containers"][0]["volumeMounts"]:
        secret = volumes[mount["name"]]
        if secret:
            names = [item["path"] for item in secret["items"]] if "items" in secret else files
            found |= {f"{mount['mountPath']}/{name}": secret.get("defaultMode", 0o444) for name in names}
    return found


def start(
    folder: Path, pod: dict[str, Any], toml: str, key: str
) -> tuple["subprocess.Popen[bytes]", int, str]:
    """Start the provisioner of a pod, with its mounted files below a folder."""
    container = pod["containers"][0]
    modes = mounted(pod, {"infra.toml": "", "name.key": ""})
    *before, config = container["args"]
    assert {config, key} == set(modes)
    text = re.sub(r"^records = .*$", f'records = "file:{folder}/records"', toml, flags=re.MULTILINE)
    text = re.sub(r"^name_key_file = .*$", f'name_key_file = "{folder}{key}"', text, flags=re.MULTILINE)
    text = re.sub(r"^kubeconfig = .*\n", "", text, flags=re.MULTILINE)
    for name, data in ((config, text.encode()), (key, bytes(32))):
        file = Path(f"{folder}{name}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        file.chmod(modes[name])
    port = free_port()
    environ = environ_of(PORT=str(port), **{one["name"]: one["value"] for one in container["env"]})
    process = subprocess.Popen(
        [*PROGRAM, *before, f"{folder}{config}"], cwd=ROOT, env=environ, stderr=subprocess.PIPE
    )
    return process, port, environ["SATCHEL_PUBLIC_URL"]


@pytest.mark.parametrize(
    ("group", "toml"), list(enumerate((CLOUD_RUN[0], KNATIVE[0]))), ids=("cloudrun", "knative")
)
def test_the_provisioner_serves_with_what_the_objects_mount(tmp_path: Path, group: int, toml: str) -> None:
    process, port, public_url = start(tmp_path, pod_of(group), toml, KEYS[group])
    host = {"Host": public_url.removeprefix("https://")}

    def answers() -> bool:
        assert process.poll() is None, process.stderr and process.stderr.read()
        try:
            url = f"http://127.0.0.1:{port}/ready"
            return urllib3.request("GET", url, headers=host, retries=False, timeout=10.0).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    try:
        wait_until(answers)
        found = urllib3.request("GET", f"http://127.0.0.1:{port}/v1/capabilities", headers=host).json()
        assert "provision" in found["capabilities"]
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_a_key_that_others_can_read_would_be_refused(tmp_path: Path) -> None:
    """The modes on the page matter: without them, the files of a secret have 0444."""
    pod = pod_of(0)
    volumes = [{**one, "secret": {**one["secret"], "defaultMode": 0o444}} for one in pod["volumes"]]
    process, _, _ = start(tmp_path, {**pod, "volumes": volumes}, CLOUD_RUN[0], KEYS[0])
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"others may use the key for names" in err


def test_the_container_can_read_its_files() -> None:
    """On Cloud Run, files of a secret belong to the user of the container; on Knative, to root and the group."""
    knative = pod_of(1)
    context = knative["securityContext"]
    assert context["runAsUser"] == context["fsGroup"] == USER
    modes = mounted(knative, {"infra.toml": "", "name.key": ""})
    assert all(mode & 0o040 for mode in modes.values())
    assert all(mode & 0o400 for mode in mounted(pod_of(0), {}).values())


def test_names_are_those_of_the_platforms(tmp_path: Path) -> None:
    (tmp_path / "infra.toml").write_text(CLOUD_RUN[0])
    configuration = Configuration.load(tmp_path / "infra.toml")
    (shard,) = configuration.shards.all
    cloud_run, (knative, mapping) = OBJECTS[0][0], OBJECTS[1]
    for name, host in (
        (cloud_run["metadata"]["name"], ""),
        (knative["metadata"]["name"], mapping["metadata"]["name"]),
    ):
        assert (host or configuration.host(name, shard)) == f"{name}.{shard.id}.{configuration.domain}"
    assert not labels_of("tag", shard).keys() & cloud_run["metadata"].get("labels", {}).keys()
    namespace, _, account = Options(namespace="satchel-s1").provisioner.partition("/")
    assert (knative["metadata"]["namespace"], pod_of(1)["serviceAccountName"]) == (namespace, account)
    assert f"kubectl create serviceaccount {account} -n {namespace}" in PAGE
