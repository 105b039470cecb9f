"""docs/guides/knative.md: the configuration is accepted, and the commands run against the fake API server."""

import json
import re
import shlex
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Final

import pytest
import yaml  # type: ignore[import-untyped]
from tests.contract.platforms.knative import NAMESPACE, KnativeSubject
from tests.contract.platforms.subject import owner_of
from tests.support.kubernetes_fake.controllers import FLAGS, MAPPINGS, SERVICES, VOLUMES
from tests.support.kubernetes_fake.server import KubernetesFake

from satchel_infra.knative.options import Options
from satchel_infra.knative.shard_manifests import make_shard
from satchel_infra.main import main

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
PAGE: Final = (DOCS / "guides" / "knative.md").read_text()
REFERENCE: Final = (DOCS / "reference" / "knative.md").read_text()
TOML: Final = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS: Final = re.findall(r"^\$ (satchel-infra .*)$", PAGE, re.MULTILINE)
OPTIONS: Final = Options(namespace=NAMESPACE, storage_class="standard", tls_secret="wildcard")


def write_configuration(folder: Path, kubeconfig: str) -> Path:
    """Write the page's configuration with records in a directory and the fake's kubeconfig."""
    (folder / "name.key").write_bytes(bytes(32))
    (folder / "name.key").chmod(0o600)
    text = re.sub(r"^records = .*$", f'records = "file:{folder}/records"', TOML[0], flags=re.MULTILINE)
    text = re.sub(r"^kubeconfig = .*$", f'kubeconfig = "{kubeconfig}"', text, flags=re.MULTILINE)
    (folder / "infra.toml").write_text(text)
    return folder / "infra.toml"


def run(line: str) -> int:
    return main(shlex.split(line.partition(" > ")[0])[1:])


def test_the_commands_of_the_page_create_show_and_remove_a_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    acts = [line for line in COMMANDS if " render " not in line]
    assert [line.split()[1] for line in acts] == ["provision", "status", "list", "destroy"]
    with KubernetesFake(OPTIONS) as fake:
        shared = len(fake.space.objects)
        file = write_configuration(tmp_path, fake.connect(tmp_path).kubeconfig)
        monkeypatch.setenv("SATCHEL_INFRA_CONFIG", str(file))
        for line in acts[:3]:
            assert run(line) == 0
            assert re.search(r"https://c[a-z2-7]{25}\.s1\.clouds\.example\.org", capsys.readouterr().out)
        assert {resource for resource, _ in fake.space.objects} >= {VOLUMES, SERVICES, MAPPINGS}
        assert run(acts[3]) == 0
        assert len(fake.space.objects) == shared


def test_the_page_prints_what_clouds_share(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = [line for line in COMMANDS if " render " in line]
    assert run(line) == 0
    assert list(yaml.safe_load_all(capsys.readouterr().out)) == make_shard(Options(namespace=NAMESPACE))


def test_the_page_turns_on_every_feature_that_the_platform_needs() -> None:
    patches = [json.loads(text)["data"] for text in re.findall(r"-p '(\{.*\})'$", PAGE, re.MULTILINE)]
    assert patches[0] == dict.fromkeys(FLAGS, "enabled")
    assert patches[1] == {"autocreate-cluster-domain-claims": "true"}


def test_the_reference_lists_every_option_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.+?) \|", REFERENCE, re.MULTILINE))
    known = {field.name: field.default for field in fields(Options) if field.name != "namespace"}
    assert set(rows) == set(known)
    for name, default in known.items():
        if isinstance(default, str):
            assert rows[name] == f'`"{default}"`'
        elif isinstance(default, int):
            assert rows[name] == f"`{default}`"


def test_the_reference_states_the_requests_of_each_act(tmp_path: Path) -> None:
    measured = {}
    with KubernetesFake(OPTIONS) as fake:
        fake.controllers.undecided_reads = 0
        subject = KnativeSubject(fake, tmp_path)
        platform, spec = subject.platform(), subject.spec(owner_of("one"))
        later = subject.spec(owner_of("one"), image=subject.image(2))
        for act, call in (
            ("create", lambda: platform.ensure(spec)),
            ("connect again", lambda: platform.ensure(spec)),
            ("update", lambda: platform.update(later)),
            ("update to the same", lambda: platform.update(later)),
            ("find", lambda: platform.find(spec.name)),
            ("list", lambda: list(platform.list())),
            ("remove", lambda: platform.remove(spec.name)),
        ):
            fake.requests.clear()
            call()
            verbs = Counter(request.split()[0] for request in fake.requests)
            writes = verbs["create"] + verbs["update"] + verbs["delete"]
            measured[act] = (verbs["get"], verbs["list"], writes)
    rows = re.findall(r"^\| ([a-z ]+) \| (\d+) \| (\d+) \| (\d+) \|$", REFERENCE, re.MULTILINE)
    assert {act: tuple(map(int, numbers)) for act, *numbers in rows} == measured
