"""A desk, a laptop and their cloud, made once with real commands and copied for each case."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.cli.conftest import Cli
from tests.security.evil_server.cloud import RealCloud, json_headers
from tests.security.evil_server.server import EvilServer

from satchel.keys import RootSecret, Vault
from satchel.store import Store

OWNER: Final = RootSecret(b"\x6b" * 32)
STRANGER: Final = RootSecret(b"\x21" * 32)
PASSWORD: Final = "correct horse battery"
VARIABLES: Final = {"NO_COLOR": "1"}


@dataclass(frozen=True)
class Template:
    """What was made: a folder with `desk`, `laptop` and `cloud`, and the ids and links in it."""

    folder: Path
    names: Mapping[str, str]
    earlier: Mapping[str, Any]
    """Answers of the cloud before the second backup."""
    strangers: Mapping[str, Any]
    """Answers of another owner's cloud."""


@dataclass
class World:
    """One copy of the template, or the template's own cloud where a case cannot change it."""

    folder: Path
    template: Template
    evil: EvilServer
    names: dict[str, str] = field(default_factory=dict)

    def cli(self, home: str) -> Cli:
        """Return the command line on a home; `unconnected` and `empty` are made on the way."""
        return Cli(self.folder / home, VARIABLES)

    @property
    def token(self) -> str:
        return Vault(self.folder / "desk", use_keyring=False).load_token()


def new_home(home: Path, root: RootSecret) -> Cli:
    """Make a store and keys."""
    with Store.create(home):
        Vault(home, use_keyring=False).create(root, use_keyring=False)
    return Cli(home, VARIABLES)


def build(folder: Path, evil: EvilServer) -> Template:
    """Make the homes and the cloud through the server, which is not evil yet.

    `forked/cloud` is the cloud as it would be if a copy of the desk had made the second backup.
    """
    with serving(evil, folder / "stranger" / "cloud"):
        strangers = _build_stranger(folder / "stranger", evil)
    with serving(evil, folder / "cloud"):
        names, earlier = _build_owner(folder, evil)
    with serving(evil, folder / "forked" / "cloud"):
        _build_fork(folder / "forked")
    return Template(folder, names, earlier, strangers)


@contextmanager
def serving(evil: EvilServer, folder: Path) -> Iterator[RealCloud]:
    """Put a cloud behind the server."""
    before = evil.cloud
    with RealCloud(folder) as cloud:
        evil.cloud = cloud
        try:
            yield cloud
        finally:
            evil.cloud = before


def connect(cli: Cli, evil: EvilServer, label: str) -> str:
    """Connect a home with a new code and return the device's id."""
    assert evil.cloud is not None
    code = evil.cloud.operators_code()
    return str(cli.json("connect", evil.url, "--pair", code, "--label", label)["device_id"])


def ask(evil: EvilServer, token: str, path: str) -> Any:  # noqa: ANN401  any message
    """Return a message of the cloud."""
    assert evil.cloud is not None
    return json.loads(evil.cloud.answer("GET", path, json_headers(token), b"").body)


def _build_stranger(folder: Path, evil: EvilServer) -> dict[str, Any]:
    cli = new_home(folder / "home", STRANGER)
    connect(cli, evil, "elsewhere")
    piece = cli.save("a stranger's text\n", "--title", "a stranger's Piece")
    backup = cli.json("backup")["id"]
    cli.json("share", piece)
    token = Vault(cli.home, use_keyring=False).load_token()
    assert evil.cloud is not None
    archive = evil.cloud.answer("GET", f"/v1/archives/{backup}", json_headers(token), b"").body
    return {
        "backups": ask(evil, token, "/v1/backups"),
        "shares": ask(evil, token, "/v1/shares"),
        "devices": ask(evil, token, "/v1/devices"),
        "archive": archive,
    }


def _build_owner(folder: Path, evil: EvilServer) -> tuple[dict[str, str], dict[str, Any]]:
    desk, laptop = new_home(folder / "desk", OWNER), new_home(folder / "laptop", OWNER)
    names = {"desk": connect(desk, evil, "desk"), "laptop": connect(laptop, evil, "laptop")}
    names["spare"] = connect(new_home(folder / "spare", OWNER), evil, "spare")
    names["piece"] = desk.save(os.urandom(40_000).hex(), "--title", "first")
    names["second"] = desk.save("two\n", "--title", "second")
    names["b0"] = desk.json("backup", "--full")["id"]
    desk.ok("backups", "delete", names["b0"])
    names["b1"] = desk.json("backup", "--full")["id"]
    token = Vault(desk.home, use_keyring=False).load_token()
    earlier = {"backups": ask(evil, token, "/v1/backups")}
    for name in ("desk", "cloud"):
        shutil.copytree(folder / name, folder / "forked" / name)
    desk.save("three\n", "--title", "third")
    names["b2"] = desk.json("backup")["id"]
    laptop.save("from the laptop\n", "--title", "elsewhere")
    names["b3"] = laptop.json("backup", "--keep-daily", "30")["id"]
    _share(desk, folder, names)
    _report(evil, names["s1"])
    _request(desk, folder, names)
    desk.save("four\n", "--title", "fourth")
    earlier["token"] = token
    return names, earlier


def _build_fork(folder: Path) -> None:
    copy = Cli(folder / "desk", VARIABLES)
    copy.save("another three\n", "--title", "of the copy")
    copy.ok("backup")


def _share(desk: Cli, folder: Path, names: dict[str, str]) -> None:
    password = folder / "password"
    password.write_text(PASSWORD + "\n")
    made = {
        "1": desk.json("share", names["second"], "--card", "--yes"),
        "2": desk.json("share", names["second"], "--password-file", password),
        "3": desk.json("share", "-", "--no-save", "--views", "3", stdin=b"a note\n"),
        "4": desk.json("share", names["second"]),
    }
    for number, document in made.items():
        names[f"s{number}"], names[f"link{number}"] = document["id"], document["link"]
    names["password"] = str(password)


def _request(desk: Cli, folder: Path, names: dict[str, str]) -> None:
    """Make a request with an answer, and one that takes many."""
    for number, answers in (("1", "1"), ("2", "100")):
        made = desk.json("request", f"the key {number}", "--answers", answers)
        names[f"r{number}"], names[f"request{number}"] = made["id"], made["link"]
    Cli(folder / "colleague", VARIABLES).ok("answer", names["request1"], folder / "password")


def _report(evil: EvilServer, share: str) -> None:
    assert evil.cloud is not None
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": "127.0.0.1"}
    answer = evil.cloud.answer("POST", f"/s/{share}/report", headers, b"reason=other&text=hello")
    assert answer.status == 200


def digest(home: Path) -> dict[str, bytes]:
    """Return every file of a home and its bytes, without the ledger, which grows with every request."""
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.is_symlink() and not path.name.startswith("ledger.db")
    }
