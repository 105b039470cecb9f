"""The configuration is read strictly: an error is one line with the file, the key and what to write."""

from pathlib import Path
from typing import Final

import pytest

from satchel_infra.configuration import Access, Configuration, Deployment
from satchel_infra.errors import ConfigurationError
from satchel_infra.names import identify
from satchel_infra.shards import Shard

VALID = """\
domain = "clouds.example.org"
platform = "cloudrun"
image = "registry.example.org/satchel@sha256:00"
records = "gs://operator/satchel"
name_key_file = "name.key"

[settings]
SATCHEL_OIDC_ISSUER = "https://issuer.example.org/"
SATCHEL_OIDC_CLIENT_ID = "satchel"

[options]
storage = "bucket"
minimum = 0

[access]
subjects = ["alice"]
claim = "groups"
values = ["staff"]

[[generations]]
shards = [{ id = "s1", project = "p1", region = "europe-west1" }]

[[generations]]
shards = [
  { id = "s1", project = "p1", region = "europe-west1" },
  { id = "k1", platform = "knative", namespace = "clouds" },
]

[platforms.knative]
image = "registry.example.org/satchel@sha256:11"
[platforms.knative.options]
bucket = "b"
"""


def load(folder: Path, text: str = VALID) -> Configuration:
    file = folder / "infra.toml"
    file.write_text(text)
    return Configuration.load(file)


def test_everything_is_read(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert (found.domain, found.records) == ("clouds.example.org", "gs://operator/satchel")
    assert found.name_key_file == tmp_path / "name.key"
    assert found.issuer == "https://issuer.example.org/"
    assert found.access == Access(frozenset({"alice"}), "groups", frozenset({"staff"}))
    assert [shard.id for shard in found.shards.all] == ["s1", "k1"]
    assert found.shards.named("s1") == Shard("s1", {"project": "p1", "region": "europe-west1"})
    assert found.deployment(found.shards.named("k1")) == Deployment(
        "knative", "registry.example.org/satchel@sha256:11", {"bucket": "b"}
    )
    assert found.deployment(found.shards.named("s1")).options == {"storage": "bucket", "minimum": 0}


def test_the_spec_of_an_account_names_the_owner_and_the_host(tmp_path: Path) -> None:
    found = load(tmp_path)
    (tmp_path / "name.key").write_bytes(bytes(32))
    (tmp_path / "name.key").chmod(0o600)
    owner = identify(found.load_name_key(), issuer=found.issuer, subject="alice")
    spec = found.spec(owner, "alice", found.shards.named("k1"))
    assert spec.host == f"{owner.name}.k1.clouds.example.org"
    assert spec.image == "registry.example.org/satchel@sha256:11"
    assert spec.settings == {
        "SATCHEL_OIDC_ISSUER": "https://issuer.example.org/",
        "SATCHEL_OIDC_CLIENT_ID": "satchel",
        "SATCHEL_OWNER_SUBJECT": "alice",
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('domain = "clouds.example.org"', "", "domain is missing"),
        ('"clouds.example.org"', '"Clouds.example.org"', "domain is 'Clouds.example.org'"),
        ('"clouds.example.org"', '"clouds"', "domain is 'clouds'"),
        ('"clouds.example.org"', f'"{"a." * 120}org"', "domain has over"),
        ('platform = "cloudrun"', 'platform = "lambda"', "platform is 'lambda'"),
        ('image = "registry.example.org/satchel@sha256:00"', "image = 7", "image is 7"),
        ('records = "gs://operator/satchel"', 'records = "ftp://x"', "records is 'ftp://x'"),
        ('name_key_file = "name.key"', "", "name_key_file is missing"),
        ("[options]", "speed = 1\n[options]", "settings.speed cannot be set"),
        ("[options]", 'SATCHEL_STORAGE = "file:/x"\n[options]', "settings.SATCHEL_STORAGE cannot be set"),
        ("[options]", 'SATCHEL_OWNER_SUBJECT = "x"\n[options]', "settings.SATCHEL_OWNER_SUBJECT cannot be"),
        ("[options]", 'AWS_SECRET_ACCESS_KEY = "x"\n[options]', "settings.AWS_SECRET_ACCESS_KEY cannot be"),
        ("[options]", 'SATCHEL_SHARES = "many"\n[options]', "settings: SATCHEL_SHARES is 'many'"),
        ("[options]", "SATCHEL_SHARES = 9\n[options]", "settings.SATCHEL_SHARES is 9"),
        ('subjects = ["alice"]', 'subjects = "alice"', "access.subjects is 'alice'"),
        ('values = ["staff"]', "", "access.claim and access.values belong together"),
        ("[access]", "[access]\nopen = true", "access.open is unknown"),
        ('region = "europe-west1" }]', "region = 1 }]", r"generations\[0\].shards\[0\].region is 1"),
        ('{ id = "k1"', '{ id = "K1"', r"generations\[1\].shards\[1\].id is 'K1'"),
        ('{ id = "k1", platform = "knative"', '{ id = "k1", platform = "box"', "platform is 'box'"),
        (
            '{ id = "k1", platform = "knative", namespace = "clouds" },',
            """{ id = "k1", platform = "knative", namespace = "clouds" },
            { id = "k2", platform = "knative", namespace = "clouds" },""",
            r"generations\[1\].shards\[2\].id is 'k2', in the place of 'k1'",
        ),
        ('{ id = "k1"', '{ id = "s1"', "differs from the earlier one of 's1'"),
        ('project = "p1", region = "europe-west1" },', 'project = "p2" },', "has two different places"),
        ("[platforms.knative]", "[platforms.moon]", "platforms.moon is not a platform"),
        (
            "[platforms.knative]",
            '[platforms.cloudrun]\nimage = "x"\n[platforms.knative]',
            "platforms.cloudrun is already the platform",
        ),
        ("[[generations]]", "[generations]", "is not TOML"),
        ("[platforms.knative]", "colour = 1\n[platforms.knative]", "generations.1..colour is unknown"),
    ],
)
def test_an_error_names_the_file_the_key_and_a_remedy(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in VALID
    with pytest.raises(ConfigurationError, match=message) as failure:
        load(tmp_path, VALID.replace(old, new))
    text = str(failure.value)
    assert text.startswith(f"{tmp_path}/infra.toml: ")
    assert "\n" not in text
    assert failure.value.hint


BOX: Final = VALID.replace('platform = "cloudrun"', 'platform = "box"').replace(
    ', project = "p1", region = "europe-west1"', ""
)


def test_a_machine_is_one_shard_of_every_generation(tmp_path: Path) -> None:
    """A second one would list and change the same clouds."""
    assert [shard.id for shard in load(tmp_path, BOX).shards.all] == ["s1", "k1"]
    for again in ('{ id = "s1" }, { id = "s2" },', '{ id = "s2" },'):
        text = BOX.replace('{ id = "s1" },', again)
        assert text != BOX
        with pytest.raises(ConfigurationError, match="is 's2', in the place of 's1'"):
            load(tmp_path, text)


def test_shards_on_knative_without_a_place_have_a_namespace_each(tmp_path: Path) -> None:
    text = VALID.replace(
        '{ id = "k1", platform = "knative", namespace = "clouds" },',
        '{ id = "k1", platform = "knative" }, { id = "k2", platform = "knative" },',
    )
    assert [shard.id for shard in load(tmp_path, text).shards.all] == ["s1", "k1", "k2"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.toml: cannot be read: No such file"):
        Configuration.load(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        (bytes(31), 0o600, "does not have 32 bytes"),
        (bytes(33), 0o600, "does not have 32 bytes"),
        (bytes(32), 0o604, "others may use the key"),
        (bytes(32), 0o620, "others may use the key"),
    ],
)
def test_a_key_that_is_no_secret_of_32_bytes_is_refused(
    tmp_path: Path, content: bytes, mode: int, message: str
) -> None:
    key_file = tmp_path / "name.key"
    key_file.write_bytes(content)
    key_file.chmod(mode)
    with pytest.raises(ConfigurationError, match=message) as failure:
        load(tmp_path).load_name_key()
    assert content.hex() not in f"{failure.value}{failure.value.hint}"


def test_without_an_issuer_no_cloud_can_be_described(tmp_path: Path) -> None:
    text = VALID.replace('SATCHEL_OIDC_ISSUER = "https://issuer.example.org/"\n', "")
    found = load(tmp_path, text.replace('SATCHEL_OIDC_CLIENT_ID = "satchel"\n', ""))
    with pytest.raises(ConfigurationError, match=r"settings\.SATCHEL_OIDC_ISSUER is missing"):
        _ = found.issuer
