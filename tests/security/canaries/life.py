"""A whole life of satchel with a canary in every field: two devices, a friend, a stranger, and a real cloud.

life = live(folder, service, tap)
life.said          # what the commands wrote to standard error, by command
life.secrets       # the canaries and every secret that was made: keys, words, tokens, links, codes, proofs
"""

import base64
import hashlib
import json
import re
import shutil
import sqlite3
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import urllib3
from tests.cli.conftest import Cli
from tests.security.canaries.places import files_below
from tests.security.canaries.planted import Canaries
from tests.security.canaries.window import use_window
from tests.support.device import PROGRAM, Device, Ran
from tests.support.service import ServiceProcess
from tests.support.wiretap import Wiretap
from tests.unit.exchange.test_masscode import write_database

from satchel.keys import RootSecret, derive_owner_keys
from satchel.keys.phrase import to_phrase
from satchel.requesting.link import RequestLink
from satchel.sharing.identity import PasswordProfile, share_key
from satchel.sharing.link import ShareLink

HOOK: Final = Path(__file__).with_name("hook")
ROOT: Final = RootSecret(hashlib.sha256(b"the root secret of the canaries").digest())
SHOWS: Final = frozenset({"recovery show", "recovery show --age"})
"""Commands whose answer is the secret."""


@dataclass
class Life:
    """What a life leaves behind."""

    canaries: Canaries
    secrets: dict[str, bytes]
    command: Sequence[str | Path] = (PROGRAM,)
    """What runs satchel."""
    said: dict[str, bytes] = field(default_factory=dict)
    """Standard error of every command, all with --debug."""
    answered: dict[str, bytes] = field(default_factory=dict)
    """Standard output of every command."""
    temporary: dict[str, bytes] = field(default_factory=dict)
    """What the private temporary directory held after a command."""
    homes: dict[str, Path] = field(default_factory=dict)
    processes: Path = Path()
    pages: dict[str, bytes] = field(default_factory=dict)
    """Pages and answers of the cloud to strangers."""
    refusals: dict[str, bytes] = field(default_factory=dict)
    """Answers of the window to requests that fail."""
    visible: dict[str, bytes] = field(default_factory=dict)
    """What other programs see of the window's processes."""
    copies: dict[str, bytes] = field(default_factory=dict)
    """Exports, and a home that was restored from a backup."""


class Person(Device):
    """A device whose commands all run with --debug, a private temporary directory, and the hook on their path."""

    def __init__(
        self,
        life: Life,
        folder: Path,
        name: str,
        variables: Mapping[str, str] | None = None,
        root: RootSecret | None = None,
    ) -> None:
        self._life = life
        self._name = name
        self.temporary = folder / f"{name}-tmp"
        self.temporary.mkdir()
        environ = {
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": str(HOOK),
            "CANARY_PROCESSES": str(life.processes),
            **(variables or {}),
        }
        super().__init__(folder / name, root, environ, life.command)
        life.homes[name] = self.home

    def run(self, *arguments: str | Path, stdin: bytes = b"", code: int = 0) -> Ran:
        """Run a command with --debug, and keep what it says and leaves."""
        done = super().run(*arguments, "--debug", stdin=stdin, code=code)
        command = f"{self._name}: {' '.join(map(str, arguments[:2]))} ({len(self._life.said)})"
        self._life.said[command] = done.stderr
        self._life.answered[command] = done.stdout
        self._life.temporary |= files_below(self.temporary, f"after {command}: ")
        return done


def masscode(folder: Path, text: str) -> Path:
    """Return a massCode database with a text that is only in its write-ahead log, so that reading it takes a copy."""
    source = folder / "masscode-source"
    source.mkdir()
    path = write_database(source / "massCode.db")
    target = folder / "massCode.db"
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("UPDATE snippet_contents SET value = ?", (text,))
        connection.commit()
        for each in source.iterdir():
            if each.name.endswith((".db", "-wal")):
                shutil.copyfile(each, target.with_name(each.name))
    finally:
        connection.close()
    return target


def secrets_of(root: RootSecret) -> dict[str, bytes]:
    """Return the root secret and all that follows from it, in the forms in which it is written."""
    keys = derive_owner_keys(root)
    return {
        "root secret": bytes(root),
        "recovery words": " ".join(to_phrase(root).split()[:6]).encode(),
        "owner identity": bytes(keys.identity),
        "owner identity as text": str(keys.identity).encode(),
        "manifest key": bytes(keys.manifest_key),
        "block key": bytes(keys.block_key),
        "share seed": bytes(keys.share_seed),
        "request seed": bytes(keys.request_seed),
    }


def secrets_of_link(name: str, link: str, password: str = "", info: Any = None) -> dict[str, bytes]:  # noqa: ANN401  JSON
    """Return the secrets of a share: its key as text and bytes, and the proof."""
    parsed = ShareLink.parse(link.partition("#")[0] + "#" + link.partition("#")[2])
    profile = None
    if password:
        profile = PasswordProfile(base64.b64decode(info["password"]["salt"]), info["password"]["log_n"])
    key = share_key(parsed.secret, password=password or None, profile=profile)
    fragment = link.partition("#")[2]
    return {
        f"fragment of {name}": fragment.encode(),
        f"secret of {name}": bytes(parsed.secret),
        f"identity of {name}": bytes(key.identity),
        f"proof of {name}": key.proof,
    }


def live(
    folder: Path,
    service: ServiceProcess,
    tap: Wiretap,
    *,
    is_whole: bool = True,
    command: Sequence[str | Path] = (PROGRAM,),
) -> Life:
    """Live the life. The service runs, and `tap` stands before it. Without `is_whole`, only what reaches the cloud.

    `command` runs satchel, for instance under a tracer.
    """
    life = Life(Canaries(), {}, command, processes=folder / "processes")
    life.secrets |= life.canaries.secrets() | secrets_of(ROOT)
    owner = Person(life, folder, "owner", root=ROOT)
    code = service.pairing_code
    life.secrets["first pairing code"] = code.encode()
    _begin(life, owner, folder, tap, code)
    piece = _fill(life, owner, folder)
    _share(life, owner, folder, piece, service)
    _request(life, owner, folder)
    if command == (PROGRAM,):  # a traced window would outlive its tracer
        use_window(life, owner)
    owner.run("backup")
    if is_whole:
        _look(life, owner, folder, piece)
        _fail(life, owner, folder, piece)
        _second_device(life, owner, folder, tap, service)
        _protected(life, folder)
        owner.run("export", folder / "plain.zip")
        owner.run("export", "--sealed", folder / "sealed.age")
        for name in ("plain.zip", "sealed.age", "stick.age"):
            life.copies[name] = (folder / name).read_bytes()
        life.copies |= files_below(folder / "elsewhere", "restored: ")
    owner.run("rm", piece, "--yes")
    owner.run("backup")
    return life


def _begin(life: Life, owner: Person, folder: Path, tap: Wiretap, code: str) -> None:
    words = to_phrase(ROOT).encode()
    owner.run("recovery", "check", stdin=words)
    owner.run("recovery", "check", stdin=words.replace(words.split()[0], b"zzzz", 1), code=1)
    owner.run("connect", "http://127.0.0.1:1", "--pair", code, "--label", life.canaries.device, code=6)
    owner.run("connect", tap.url, "--pair", "WRNG-WRNG-WRNG", "--label", life.canaries.device, code=4)
    owner.run("connect", tap.url, "--pair", code, "--label", life.canaries.device)
    life.secrets["owner's token"] = owner.vault.load_token().encode()
    assert folder.is_dir()


def _fill(life: Life, owner: Person, folder: Path) -> str:
    """Save a Piece with every field, edit it, search it, import others. Return its id."""
    text = life.canaries
    source = folder / text.source_folder
    source.mkdir()
    main, further = source / f"{text.file_name}.py", source / f"{text.further_name}.txt"
    main.write_text(f"print('{text.content}')\n" * 30)
    further.write_text(text.further_content)
    fields = ("--title", text.title, "--description", text.description, "--tag", text.tag)
    piece = owner.run(
        "save", main, *fields, "--link", f"https://example.com/{text.link}", "--file", further, "--quiet"
    ).text
    edited = source / "edited.py"
    edited.write_text(f"print('{text.edited_content}')\n" * 30)
    owner.run("edit", piece, edited)
    owner.run("edit", piece, "--title", text.edited_title, "--tag", text.tag, "--add-file", further)
    owner.run("tag", piece, f"{text.tag}2")
    owner.run("save", "-", "--title", f"{text.title} two", stdin=f"{text.content} again".encode())
    return piece


def _look(life: Life, owner: Person, folder: Path, piece: str) -> None:
    """Show, search, copy and import."""
    text = life.canaries
    for command in (("list",), ("show", piece), ("cat", piece), ("history", piece)):
        owner.run(*command)
    owner.run("status")
    owner.run("doctor")
    owner.run("search", text.content[:12])
    owner.run("search", text.query)
    owner.run("ask", text.query)
    owner.run("copy", piece, code=1)
    owner.run("import", masscode(folder, text.imported))
    owner.run("import", folder / text.source_folder, "--tag", text.tag)


def _fail(life: Life, owner: Person, folder: Path, piece: str) -> None:
    """Commands that fail while they hold a text or a secret."""
    text = life.canaries
    broken = folder / "editor"
    broken.write_text(f'#!/bin/sh\nprintf %s {text.unsaved} > "$1"\nexit 3\n')
    broken.chmod(0o700)
    editor = {"EDITOR": str(broken), "VISUAL": str(broken)}
    code, said = Cli(owner.home, owner.environ | editor).talk("edit", piece, "--debug")
    assert code == 1
    life.said["edit in a broken editor"] = said.encode()
    owner.run("show", text.query, code=3)
    owner.run("save", folder / text.query, code=3)
    owner.run("edit", piece, "--tag", text.tag * 50, code=2)
    owner.run("search", f'"{text.query}', "--tag", text.query, code=2)
    owner.run("import", folder / "editor", "--from", "gists", code=1)
    (folder / "cut.json").write_text('{"snippets": [{"name": "' + text.query)
    owner.run("import", folder / "cut.json", code=1)


def _share(life: Life, owner: Person, folder: Path, piece: str, service: ServiceProcess) -> None:
    text = life.canaries
    password, wrong = folder / "password", folder / "wrong"
    password.write_text(text.password)
    wrong.write_text(text.wrong_password)
    friend = Person(life, folder, "friend")
    plain = owner.run("share", piece, "--allow-secrets").text
    locked = owner.run("share", piece, "--allow-secrets", "--password-file", password, "--views", "2").text
    carded = owner.run(
        "share",
        "-",
        "--title",
        text.card_title,
        "--card",
        "--yes",
        "--allow-secrets",
        stdin=text.content.encode(),
    ).text
    http = urllib3.PoolManager()
    info = http.request("GET", f"{service.url}/v1/shares/{_id_of(locked)}/info").json()
    life.secrets |= secrets_of_link("the plain share", plain) | secrets_of_link(
        "the share with a card", carded
    )
    life.secrets |= secrets_of_link("the locked share", locked, text.password, info)
    friend.run("get", plain, "--into", folder / "received")
    friend.run("get", "-", "--save", stdin=plain.encode(), code=3)
    friend.run("get", locked, "--password-file", wrong, code=4)
    friend.run("get", locked, "--password-file", password)
    friend.run("get", f"{plain[:-4]}qqqq", code=2)
    friend.run("get", f"http://127.0.0.1:1/s/{plain.partition('/s/')[2]}", code=6)
    for link in (plain, carded):
        _as_a_browser(life, http, service, link)
    form = urllib.parse.urlencode({"reason": "other", "text": text.report})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    report = http.request("POST", f"{service.url}/s/{_id_of(plain)}/report", body=form, headers=headers)
    life.pages["the answer to a report"] = report.data
    for command in ("reports", "link", "update", "rearm", "revoke"):
        # a canary may look like a random value
        options = ("--allow-secrets",) if command == "update" else ()
        owner.run("shares", command, _id_of(plain), *options)
    owner.run("shares")
    owner.run("shares", "revoke", _id_of(carded))
    friend.run("get", plain, code=3)
    http.clear()


def _request(life: Life, owner: Person, folder: Path) -> None:
    """Ask for something, answer it rightly and wrongly, take it."""
    text = life.canaries
    link = owner.run("request", text.asked, "--answers", "2").text
    key = RequestLink.parse(link).key
    life.secrets |= {
        "fragment of the request": link.partition("#")[2].encode(),
        "recipient of the request": bytes(key.recipient),
        "proof of the request": key.proof,
    }
    colleague = Person(life, folder, "colleague")
    file = folder / text.further_name
    file.write_text(text.answer)
    colleague.run("answer", link)
    colleague.run("answer", link, file)
    colleague.run("answer", link, "-", stdin=f"{text.answer} typed".encode())
    colleague.run("answer", link, file, code=3)
    colleague.run("answer", f"{link[:-4]}qqqq", file, code=2)
    request = link.partition("/r/")[2][:32]
    owner.run("requests")
    owner.run("requests", "show", request)
    owner.run("requests", "link", request)
    owner.run("requests", "take", request)
    owner.run("requests", "revoke", request)


def _as_a_browser(life: Life, http: urllib3.PoolManager, service: ServiceProcess, link: str) -> None:
    share = _id_of(link)
    for path in (
        f"/s/{share}",
        f"/s/{share}/report",
        f"/v1/shares/{share}/info",
        f"/s/{share}/raw",
        "/",
        f"/s/{'0' * 32}",
    ):
        life.pages[f"{path} of {share}"] = http.request("GET", f"{service.url}{path}").data
    body = json.dumps({"proof": base64.b64encode(bytes(32)).decode()})
    headers = {"Content-Type": "application/json"}
    answer = http.request("POST", f"{service.url}/v1/shares/{share}/open", body=body, headers=headers)
    assert answer.status == 403
    life.pages[f"a wrong proof for {share}"] = answer.data


def _second_device(life: Life, owner: Person, folder: Path, tap: Wiretap, service: ServiceProcess) -> None:
    """Connect another device, sync, verify, restore, and lose the connection."""
    said = owner.run("devices", "add").said
    code = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", said)[0]
    operators = service.new_pairing_code()
    life.secrets |= {
        "pairing code of a device": code.encode(),
        "pairing code of the operator": operators.encode(),
    }
    laptop = Person(life, folder, "laptop")
    laptop.run("recovery", "use", stdin=to_phrase(ROOT).encode())
    laptop.run("connect", tap.url, "--pair", code, "--label", f"{life.canaries.device}2")
    life.secrets["laptop's token"] = laptop.vault.load_token().encode()
    laptop.run("restore", "--yes")
    laptop.run(
        "save",
        "-",
        "--title",
        f"{life.canaries.title} three",
        stdin=f"{life.canaries.content} three".encode(),
    )
    laptop.run("sync")
    owner.run("sync")
    owner.run("verify")
    owner.run("verify", "--sample", "2")
    owner.run("backups")
    owner.run("backups", "ls", "latest")
    owner.run("search", life.canaries.query[:8], "--limit", "5")
    owner.run("backup", "--to", folder / "stick.age")
    owner.run("restore", "--from", folder / "stick.age", "--into", folder / "elsewhere")
    owner.run("devices")
    laptop.run("backups", "delete", "latest", "--now", "--code", "WRNG-WRNG-WRNG", code=4)
    laptop.run("disconnect", "--yes")
    laptop.run("backup", code=4)


def _protected(life: Life, folder: Path) -> None:
    """A home under a passphrase, opened with the right one and a wrong one, and with the key of an endpoint."""
    right, wrong = folder / "passphrase", folder / "wrong-passphrase"
    right.write_text(life.canaries.passphrase)
    wrong.write_text(life.canaries.wrong_password)
    home = Person(life, folder, "protected", {"SATCHEL_PASSPHRASE_FILE": str(right)})
    home.run("init", "--passphrase")
    home.run("recovery", "show")
    home.environ["SATCHEL_PASSPHRASE_FILE"] = str(wrong)
    home.run("recovery", "show", code=5)
    key = folder / "endpoint-key"
    key.write_text(life.canaries.endpoint_key)
    home.run("endpoint", "set", "https://llm.example.com", "--model", "m", "--key-from", key)
    home.run("endpoint", "show")


def _id_of(link: str) -> str:
    return link.partition("/s/")[2][:32]
