"""The search finds what is planted: in every form, in every kind of place, and in compressed streams."""

import gzip
import io
import json
import os
import secrets
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Final

import pytest
import zstandard
from tests.security.canaries.life import HOOK
from tests.security.canaries.places import (
    files_below,
    memory_of,
    processes_of,
    reported,
    request_lines,
    visible_of,
)
from tests.security.canaries.planted import canary
from tests.security.canaries.searching import Found, forms, search

TEXT: Final = canary("planted")
KEY: Final = secrets.token_bytes(32)
ODD: Final = f'{canary("odd")} "é\\漢'
SECRETS: Final = {"a text": TEXT.encode(), "a key": KEY, "an odd text": ODD.encode()}


@pytest.mark.parametrize("name", SECRETS)
def test_every_form_is_found(name: str) -> None:
    secret = SECRETS[name]
    for form, data in forms(secret).items():
        found = search({name: secret}, {"here": b"\0before" + data + b"after\xff"})
        assert Found(name, form, "here") in found, form
    other = bytes([secret[-1] ^ 1])  # whatever the last byte of a random key is
    assert search({name: secret}, {"here": secret[:-1] + other + secret[-1:]}) == []


@pytest.mark.parametrize("before", range(7))
@pytest.mark.parametrize("name", SECRETS)
def test_base64_is_found_at_every_offset(name: str, before: int) -> None:
    import base64

    whole = os.urandom(before) + SECRETS[name] + os.urandom(5)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert search(SECRETS, {"here": b"x" + encode(whole)})


def _zipped(data: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a name", data)
    return sink.getvalue()


@pytest.mark.parametrize(
    "compress",
    [
        zstandard.ZstdCompressor().compress,
        gzip.compress,
        zlib.compress,
        lambda data: zlib.compress(data, 9),
        _zipped,
    ],
)
def test_compressed_streams_are_expanded(compress: object) -> None:
    data = os.urandom(9000).hex().encode() + TEXT.encode() + KEY + b"some text"
    packed = compress(data)  # type: ignore[operator]
    assert TEXT.encode() not in packed
    found = search(SECRETS, {"here": os.urandom(100) + packed + os.urandom(100)})
    assert {each.name for each in found} == {"a text", "a key"}


def test_names_and_contents_of_files_are_searched(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").write_bytes(KEY)
    (tmp_path / TEXT).mkdir()
    found = search(SECRETS, files_below(tmp_path))
    assert {each.name for each in found} == {"a text", "a key"}


def test_memory_command_lines_and_environments_of_a_process_and_its_children_are_searched() -> None:
    child = f"import sys; held = bytes.fromhex('{KEY[::-1].hex()}')[::-1]; print('ready', flush=True); sys.stdin.read()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}, {TEXT!r}])"
    environ = {**os.environ, "PLANTED": ODD}
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        processes = processes_of(process.pid)
        memory = b"".join(b"".join(memory_of(each)) for each in processes)
        visible = b"".join(map(visible_of, processes))
        assert process.stdin is not None
        process.stdin.close()
    assert len(processes) == 2
    held = {(each.name, each.form) for each in search(SECRETS, {"memory": memory}, expands=False)}
    assert ("a key", "as it is") in held
    assert {each.name for each in search(SECRETS, {"visible": visible})} >= {"a text", "an odd text"}


def test_the_hook_reports_processes_that_a_program_starts(tmp_path: Path) -> None:
    report = tmp_path / "processes"
    program = f"import subprocess, sys; subprocess.run(['true', {TEXT!r}], env={{'HELD': {ODD!r}}})"
    environ = {**os.environ, "PYTHONPATH": str(HOOK), "CANARY_PROCESSES": str(report)}
    subprocess.run([sys.executable, "-c", program], env=environ, check=True)
    started = [each for each in reported(report) if each["kind"] == "subprocess.Popen"]
    assert {each.name for each in search(SECRETS, {"started": json.dumps(started).encode()})} == {
        "a text",
        "an odd text",
    }


def test_the_lines_of_requests_are_those_of_a_recording() -> None:
    sent = (
        b"GET /s/1?a=" + TEXT.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\nPUT /x HTTP/1.1\r\nA: b\r\n\r\n" + KEY
    )
    lines = request_lines(sent)
    assert lines.count(b"HTTP/1.1") == 2
    assert {each.name for each in search(SECRETS, {"lines": lines})} == {"a text"}
