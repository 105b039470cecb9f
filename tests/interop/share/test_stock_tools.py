"""A share opens with curl, age and funzip, and one made with stock tools opens with satchel."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.device import Device
from tests.support.service import ServiceProcess

from satchel.keys import RootSecret
from satchel.sharing.body import open_body
from satchel.sharing.identity import LinkSecret, share_key
from satchel.sharing.link import ShareLink

CONTENTS = {
    "text": "def greet():\n    return 'h\u00e9llo'\n".encode() * 50,
    "empty": b"",
    "binary": bytes(range(256)) * 100,
    "zeros": bytes(100_000),
    "no line end": b"x",
}


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    folder = tmp_path_factory.mktemp("stock")
    with ServiceProcess(folder / "cloud") as service:
        device = Device(folder / "home", RootSecret(b"\x21" * 32))
        device.run("connect", service.url, "--pair", service.pairing_code)
        yield device


def key_file(link: str, folder: Path) -> Path:
    """Write the key file of docs/guides/sharing.md: the prefix, then the key in uppercase."""
    path = folder / "key.txt"
    path.write_text(f"AGE-SECRET-KEY-1{link.partition('#')[2].upper()}\n")
    return path


@pytest.mark.tool("curl", "age", "funzip")
@pytest.mark.parametrize("name", CONTENTS)
def test_curl_age_and_funzip_print_the_content(owner: Device, tmp_path: Path, name: str) -> None:
    link = owner.run("share", owner.save(CONTENTS[name])).text
    line = 'curl -s "$1/raw" | age -d -i "$2" | funzip'
    shell = ["bash", "-o", "pipefail", "-c", line, "-", link.partition("#")[0], str(key_file(link, tmp_path))]
    done = subprocess.run(shell, capture_output=True, check=True)
    assert done.stdout == CONTENTS[name]


@pytest.mark.tool("curl", "age", "unzip")
def test_unzip_accepts_a_share(owner: Device, tmp_path: Path) -> None:
    link = owner.run("share", owner.save(CONTENTS["text"], title="Greeter")).text
    zipped = tmp_path / "share.zip"
    line = 'curl -s "$1/raw" | age -d -i "$2" > "$3"'
    address = link.partition("#")[0]
    subprocess.run(["bash", "-c", line, "-", address, key_file(link, tmp_path), zipped], check=True)
    done = subprocess.run(["unzip", "-t", zipped], capture_output=True, text=True, check=True)
    assert "No errors detected" in done.stdout
    with zipfile.ZipFile(zipped) as opened:
        assert opened.namelist() == ["content", "piece.json"]
        assert b'"Greeter"' in opened.read("piece.json")


@pytest.mark.tool("age")
def test_a_body_made_with_stock_tools_opens(tmp_path: Path) -> None:
    """Use Python's zipfile and the age program, by docs/spec/share.md."""
    link = ShareLink("https://cloud.example.com", "0" * 32, LinkSecret(b"\x42" * 32))
    key = share_key(link.secret)
    document = """{"format": "satchel-share/1", "title": "t", "description": "", "language": "",
        "media_type": "text/plain", "tags": [], "links": [], "shared": "2026-01-02T03:04:05Z"}"""
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("content", CONTENTS["text"])
        made.writestr("piece.json", document)
    age = shutil.which("age") or "age"
    done = subprocess.run(
        [age, "-r", str(key.recipient)], input=plain.getvalue(), capture_output=True, check=True
    )
    assert open_body(done.stdout, key).content == CONTENTS["text"]
