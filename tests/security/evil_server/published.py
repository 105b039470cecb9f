"""Writes the published list of cases, docs/spec/evil-server.md, from the tables that the tests run."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tests.security.evil_server.addresses import ADDRESSES
from tests.security.evil_server.answers import KINDS
from tests.security.evil_server.cases import answer_type
from tests.security.evil_server.mutations import fields_of, mutations_of
from tests.security.evil_server.scenarios import NEVER_CALLED, SCENARIOS, WITHOUT_COMMAND
from tests.security.evil_server.test_answers import REDIRECTS, TARGETS
from tests.security.evil_server.test_archives import ARCHIVES
from tests.security.evil_server.test_completeness import reachable_operations
from tests.security.evil_server.test_issuer import ANSWERS as ISSUER
from tests.security.evil_server.test_issuer import BROWSER, WRONG
from tests.security.evil_server.test_lists import BACKUPS, PAGES
from tests.security.evil_server.test_provisioner import (
    FOREIGN_ADDRESSES,
    HOSTILE,
    REFUSED_ADDRESSES,
    REMOVALS,
    UNFIT,
)
from tests.security.evil_server.test_shares import BODIES, SEALED

from satchel.signin.id_token import Claims
from satchel_wire.problems import ProblemCode
from satchel_wire.provisioning import CloudProgress

INTRODUCTION: Final = """# The evil server

This page lists the hostile answers that the client is tested against. It is generated from the tables of [the suite](../../tests/security/evil_server/README.md), which come from the wire's own operations and messages: a new operation or field of the wire appears here, with its cases, or a test fails.

In each case the real service answers, and a server in front of it changes one kind of answer. After each case:

- The command has ended with its documented exit code, with one error line and at most one hint, and without a traceback.
- Nothing that the server sent controls the terminal.
- The token has gone to the cloud's origin only: never to another origin, never into a path.
- If the command failed, the store and all other files of the home are byte for byte as they were. `satchel backup` and `satchel sync` leave the sealed archive, which the next backup sends.
- The client has read no more than its limit for the answer.

A valid lie (another number of backups, another time) is beyond the client's knowledge. The command may take it; the rules above hold all the same.
"""


def write() -> str:
    """Return the page."""
    return "\n".join([INTRODUCTION, *_fields(), "", *_answers(), "", *_others(), "", *_commands(), ""])


def _fields() -> Iterator[str]:
    operations = [
        each for each in reachable_operations() if each.id not in NEVER_CALLED and answer_type(each)
    ]
    rows, kinds = [], Counter[str]()
    for operation in operations:
        message = answer_type(operation)
        assert message is not None
        fields = list(fields_of(message))
        changes = [mutation.kind for field in fields for mutation in mutations_of(field)]
        kinds.update(changes)
        rows.append(f"| `{operation.id}` | `{operation.gives}` | {len(fields)} | {len(changes)} |")
    yield f"## Fields: {kinds.total():,} cases\n"
    yield "Each field of each answer, changed in each way that its type suggests.\n"
    yield "| operation | answer | fields | cases |\n|---|---|---|---|"
    yield from rows
    yield "\n| a field is changed to be | cases |\n|---|---|"
    yield from (f"| {kind} | {count} |" for kind, count in sorted(kinds.items()))


def _answers() -> Iterator[str]:
    operations = [each for each in reachable_operations() if each.id not in NEVER_CALLED]
    commanded = [each for each in operations if each.id not in WITHOUT_COMMAND]
    each = len(KINDS) + len(REDIRECTS) * len(TARGETS) + len(ProblemCode)
    yield f"## Whole answers: {each * len(commanded):,} cases\n"
    yield f"Each of the {len(commanded)} operations that commands call meets each of these {each} answers.\n"
    yield "| group | answers | count |\n|---|---|---|"
    groups: dict[str, list[str]] = {}
    for kind in KINDS:
        groups.setdefault(kind.group, []).append(kind.name)
    groups["redirects"] = [f"status {status}, to {target}" for status in REDIRECTS for target in TARGETS]
    groups["problems"] = [f"`{code.code}`" for code in ProblemCode]
    for group, names in groups.items():
        yield f"| {group} | {'; '.join(names)} | {len(names)} |"


def _others() -> Iterator[str]:
    tables = {
        "Addresses of parts": [each.name for each in ADDRESSES],
        "Pages of shares": list(PAGES),
        "Lists of backups": list(BACKUPS),
        "Archives": list(ARCHIVES),
        "Bodies of a hostile sharer": list(BODIES),
        "Bodies that a link does not open": list(SEALED),
        "ID tokens for somebody else": list(WRONG),
        "Answers to the browser": list(BROWSER),
        "Progress of a provisioner": list(HOSTILE),
        "Addresses of a cloud that are refused": list(REFUSED_ADDRESSES),
        "Addresses of a cloud that the owner must confirm": list(FOREIGN_ADDRESSES),
        "Clouds that a provisioner must not name": ["a provisioner", *UNFIT],
        "Removals of a provisioner": list(REMOVALS),
    }
    claims = sum(len(mutations_of(field)) for field in fields_of(Claims))
    fields = sum(len(mutations_of(field)) for kind in ISSUER.values() for field in fields_of(kind))
    progress = sum(len(mutations_of(field)) for field in fields_of(CloudProgress))
    yield f"## Addresses, lists, archives, shares, issuers and provisioners: {sum(map(len, tables.values()))} kinds\n"
    yield "Each meets every command of its kind. A deceitful issuer of sign-ins also changes "
    yield f"{fields} fields of its metadata, tokens and device codes, and {claims} claims of its ID tokens, "
    yield f"and gives each of the whole answers above. A deceitful provisioner changes its progress in {progress} ways, "
    yield "gives each whole answer, and names each of the addresses below and those of parts.\n"
    yield "| group | cases | count |\n|---|---|---|"
    yield from (f"| {group} | {'; '.join(names)} | {len(names)} |" for group, names in tables.items())


def _commands() -> Iterator[str]:
    yield f"## Commands: {len(SCENARIOS)}\n"
    yield "| command | operations |\n|---|---|"
    for scenario in SCENARIOS:
        yield f"| `satchel {scenario.name}` | {', '.join(f'`{each}`' for each in scenario.operations)} |"
