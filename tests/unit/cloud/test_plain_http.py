"""Plain HTTP leaves this computer only where the owner allows it: to a cloud, a provisioner, an issuer, or storage."""

from pathlib import Path

import pytest
from tests.cli.conftest import Cli

from satchel.cloud.client import CloudClient
from satchel.cloud.provisioner import cloud_of
from satchel.errors import RefusedError, UsageError
from satchel.keys import RootSecret, Vault
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Request, Response
from satchel.signin.issuer import check_endpoint, check_issuer
from satchel.store import Store
from satchel_wire.messages import UploadPart
from satchel_wire.provisioning import CloudProgress

NAME = "c" + "a" * 25
LOOPBACK = ("http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080")
REMOTE = (
    "http://cloud.example.com",
    "http://10.0.0.7",
    "http://[fe80::1]",
    "http://localhost.example.com",
    "http://cloud.localhost",
    "http://127.0.0.1.example.com",
)


class NothingSent:
    """A transport that must not be used."""

    def send(self, request: Request) -> Response:
        raise AssertionError(request.url)


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    with Store.create(tmp_path / "home"):
        Vault(tmp_path / "home", use_keyring=False).create(RootSecret.generate(), use_keyring=False)
    return Cli(tmp_path / "home")


@pytest.mark.parametrize("url", REMOTE)
@pytest.mark.parametrize("arguments", [["connect"], ["login"]], ids=" ".join)
def test_a_cloud_or_provisioner_is_not_asked(cli: Cli, url: str, arguments: list[str]) -> None:
    ran = cli.run(*arguments, url)
    assert ran.code == 2
    assert "are not encrypted" in ran.err
    assert "--allow-http" in ran.err


@pytest.mark.parametrize("url", LOOPBACK)
def test_loopback_needs_no_permission(url: str) -> None:
    assert Origin.parse(url).is_loopback


@pytest.mark.parametrize("url", REMOTE)
def test_the_owner_can_allow_it(url: str) -> None:
    assert str(Origin.parse(url, allow_http=True)) == url


def named(url: str) -> CloudProgress:
    return CloudProgress(state="ready", name=NAME, url=url, ticket="t")


@pytest.mark.parametrize("provisioner", ["https://satchel.example.org", LOOPBACK[0]])
@pytest.mark.parametrize("url", [f"http://{NAME}.satchel.example.org", *REMOTE])
def test_a_provisioner_names_no_cloud_without_tls(provisioner: str, url: str) -> None:
    with pytest.raises(RefusedError, match="not an https:// address"):
        cloud_of(named(url), Origin.parse(provisioner))


def test_a_provisioner_without_tls_that_the_owner_allows_may_name_one() -> None:
    provisioner = Origin.parse("http://satchel.example.org", allow_http=True)
    place = cloud_of(named(f"http://{NAME}.satchel.example.org"), provisioner)
    assert place.is_under_provisioner


@pytest.mark.parametrize("cloud", ["https://cloud.example.com", LOOPBACK[0]])
@pytest.mark.parametrize("url", REMOTE)
def test_an_issuer_without_tls_is_refused(cloud: str, url: str) -> None:
    origin = Origin.parse(cloud)
    with pytest.raises(RefusedError):
        check_issuer(url, origin)
    with pytest.raises(RefusedError):
        check_endpoint(f"{url}/token", "token_endpoint", "https://issuer.example.com", origin)


@pytest.mark.parametrize("url", LOOPBACK)
def test_an_issuer_on_this_computer_is_for_a_cloud_on_it(url: str) -> None:
    check_issuer(url, Origin.parse(LOOPBACK[0]))
    with pytest.raises(RefusedError, match="is on this computer, and the cloud is not"):
        check_issuer(url, Origin.parse("https://cloud.example.com"))


@pytest.mark.parametrize("url", [*REMOTE, *LOOPBACK])
def test_storage_without_tls_gets_no_part_of_a_cloud_with_it(url: str) -> None:
    client = CloudClient(Origin.parse("https://cloud.example.com"), NothingSent())
    part = UploadPart(number=1, offset=0, size_bytes=1, url=f"{url}/bucket/part?signature=x")
    with pytest.raises(RefusedError):
        client.put_part(part, b"x", "share-body")


def test_a_connection_keeps_the_owners_permission(tmp_path: Path) -> None:
    from satchel.cloud.connection import read_connection

    document = (
        '{"format":"satchel-cloud/2","url":"http://%s.example.org","device_id":"0","provisioner":"%s"%s}'
    )
    text = document % (NAME, "http://example.org", "")
    (tmp_path / "cloud.json").write_text(text)
    with pytest.raises(UsageError, match="are not encrypted"):
        read_connection(tmp_path)
    (tmp_path / "cloud.json").write_text(document % (NAME, "http://example.org", ',"allow_http":true'))
    assert read_connection(tmp_path).allow_http
