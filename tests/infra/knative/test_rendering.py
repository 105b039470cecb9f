"""What `satchel-infra render knative` prints: golden files of what the platform applies."""

import os
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.platforms.subject import DOMAIN, ISSUER, KEY, SETTINGS
from tests.support.kubernetes_fake import schemas

from satchel_infra.knative.manifests import make_cloud
from satchel_infra.knative.options import Options
from satchel_infra.knative.shard_manifests import make_shard
from satchel_infra.main import main
from satchel_infra.names import identify
from satchel_infra.platform import CloudSpec
from satchel_infra.rendering.yaml_text import write_documents

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "render"
IMAGE = f"registry.example.org/satchel@sha256:{1:064x}"
OWNER = identify(KEY, issuer=ISSUER, subject=SETTINGS["SATCHEL_OWNER_SUBJECT"])
VARIANTS = {
    "knative-volume": [],
    "knative-bucket": [
        "--option=storage=bucket",
        "--option=storage_class=rook-ceph-bucket",
        "--option=reachable=10.3.0.5/32,10.3.0.6/32",
        "--option=tls_secret=wildcard",
        "--set=SATCHEL_S3_ENDPOINT=https://s3.example.org",
    ],
}
OPTIONS = {
    "knative-volume": Options(namespace="satchel-s1"),
    "knative-bucket": Options(
        namespace="satchel-s1",
        storage="bucket",
        storage_class="rook-ceph-bucket",
        reachable=("10.3.0.5/32", "10.3.0.6/32"),
        tls_secret="wildcard",
    ),
}


@pytest.fixture
def cloud(tmp_path: Path) -> list[str]:
    """The options for the part of one cloud."""
    key = tmp_path / "name.key"
    key.write_bytes(KEY)
    key.chmod(0o600)
    words = ["--image", IMAGE, "--domain", DOMAIN, "--name-key-file", str(key)]
    return [*words, *(f"--set={key}={value}" for key, value in SETTINGS.items())]


def render(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["render", "knative", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", VARIANTS)
def test_the_text_is_the_golden_one(name: str, cloud: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    said, golden = render(capsys, *cloud, *VARIANTS[name]), GOLDEN / f"{name}.yaml"
    if os.environ.get("SATCHEL_UPDATE_GOLDEN"):
        golden.write_text(said)
    assert said == golden.read_text()


@pytest.mark.parametrize("name", VARIANTS)
def test_the_text_is_what_the_platform_applies(
    name: str, cloud: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    documents = list(yaml.safe_load_all(render(capsys, *cloud, *VARIANTS[name])))
    settings = dict(SETTINGS)
    if name == "knative-bucket":
        settings["SATCHEL_S3_ENDPOINT"] = "https://s3.example.org"
    spec = CloudSpec(OWNER, f"{OWNER.name}.s1.{DOMAIN}", IMAGE, settings)
    assert documents == [*make_shard(OPTIONS[name]), *make_cloud(OPTIONS[name], spec)]
    assert [schemas.check(each) for each in documents] == [""] * len(documents)


def test_the_shared_part_names_no_cloud(capsys: pytest.CaptureFixture[str]) -> None:
    documents = list(yaml.safe_load_all(render(capsys)))
    assert documents == make_shard(Options(namespace="satchel-s1"))


def test_the_features_that_knative_must_allow_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    said = render(capsys)
    assert "persistent-volume-write" in said.split("---")[0]
    assert "persistent-volume-write" not in render(capsys, *VARIANTS["knative-bucket"])


@pytest.mark.parametrize(
    "words",
    [
        ["--option=storage=disk"],
        ["--option=clouds=many"],
        ["--option=storage"],
        ["--name-key-file=/nonexistent/key", "--domain=example.org"],
        ["--name-key-file=/nonexistent/key"],
        ["--shard=S1"],
        ["--set=AWS_SECRET_ACCESS_KEY=x"],
    ],
    ids=["storage", "number", "no-value", "key", "domain", "shard", "secret"],
)
def test_an_invalid_option_is_one_line_and_exit_code_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", "knative", *words]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert said.out == ""


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), VALUES, min_size=1, max_size=3))
def test_yaml_is_read_as_it_was_written(document: dict[str, object]) -> None:
    assert list(yaml.safe_load_all(write_documents([document]))) == [document]


@pytest.mark.parametrize(
    "word", ["no", "On", "null", "1.5", "0x1f", "1_000", "2026-01-01", "~", "a: b", "# x", "é", "y"]
)
def test_a_text_stays_a_text(word: str) -> None:
    assert list(yaml.safe_load_all(write_documents([{"value": word}]))) == [{"value": word}]
