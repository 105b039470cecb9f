"""Who may use the HTTP server: only clients with the token, under the server's own names, and no web page."""

import stat
from pathlib import Path

import pytest

from satchel.agents.http_guard import FILE_NAME, refusal, token_of
from satchel.errors import IntegrityError

TOKEN, PORT = "t" * 43, 8765
OWN = (b"host", b"127.0.0.1:8765")
KEY = (b"authorization", b"Bearer " + TOKEN.encode())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([OWN, KEY], 0),
        ([(b"Host", b"LOCALHOST:8765"), KEY], 0),
        ([OWN, KEY, (b"origin", b"http://127.0.0.1:8765")], 0),
        ([KEY], 421),
        ([(b"host", b"evil.example:8765"), KEY], 421),
        ([(b"host", b"127.0.0.1.evil.example:8765"), KEY], 421),
        ([(b"host", b"127.0.0.1"), KEY], 421),
        ([(b"host", b"127.0.0.1:80"), KEY], 421),
        ([(b"host", b"[::1]:8765"), KEY], 421),
        ([OWN, OWN, KEY], 421),
        ([OWN, KEY, (b"origin", b"http://evil.example")], 403),
        ([OWN, KEY, (b"origin", b"null")], 403),
        ([OWN, KEY, (b"origin", b"https://127.0.0.1:8765")], 403),
        ([OWN, KEY, (b"origin", b"http://localhost:8765"), (b"origin", b"http://evil.example")], 403),
        ([OWN], 401),
        ([OWN, (b"authorization", b"Bearer " + b"u" * 43)], 401),
        ([OWN, (b"authorization", TOKEN.encode())], 401),
        ([OWN, KEY, KEY], 401),
        ([OWN, (b"authorization", b"Bearer \xff")], 401),
    ],
)
def test_who_is_refused(headers: list[tuple[bytes, bytes]], status: int) -> None:
    assert refusal(headers, TOKEN, PORT) == status


def test_the_token_is_long_kept_and_the_owners_alone(tmp_path: Path) -> None:
    token, is_new = token_of(tmp_path)
    assert (len(token), is_new) == (43, True)
    assert token_of(tmp_path) == (token, False)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    (tmp_path / FILE_NAME).unlink()
    assert token_of(tmp_path)[0] != token


@pytest.mark.parametrize("data", [b"", b"short\n", b"t" * 44, b"t" * 42 + b"\xff", b"t" * 43 + b"\nx"])
def test_a_damaged_token_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(data)
    (tmp_path / FILE_NAME).chmod(0o600)
    with pytest.raises(IntegrityError):
        token_of(tmp_path)
