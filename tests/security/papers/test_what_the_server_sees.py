"""docs/security/what-the-server-sees.md lists everything that the cloud receives, stores, sends and logs."""

import ast
import inspect
import re
from typing import Final

import apsw
import msgspec

from audit.named_tests import ROOT
from satchel_service import logs
from satchel_service.database.schema import MIGRATIONS
from satchel_service.storage.protocol import BLOB_PREFIXES
from satchel_service.web import middleware
from satchel_wire import messages, provisioning
from satchel_wire.operations import OPERATIONS

PAGE: Final = (ROOT / "docs/security/what-the-server-sees.md").read_text(encoding="utf-8")
STORAGE: Final = (ROOT / "docs/spec/storage.md").read_text(encoding="utf-8")


def first_cells(section: str) -> list[str]:
    """Return the first cell of each row of a section's table."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def cells(section: str) -> list[tuple[str, ...]]:
    """Return the rows of a section's table."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split("|") for line in text.splitlines() if line.startswith("| `")]
    return [tuple(cell.strip() for cell in row) for row in rows]


def message_types() -> dict[str, type[messages.Message]]:
    """Return every message that has fields."""
    return {
        name: found
        for name, found in vars(messages).items()
        if inspect.isclass(found) and issubclass(found, messages.Message) and found.__struct_fields__
    }


def parts_of(name: str) -> set[str]:
    """Return a message and the messages inside it."""
    found = {name}
    for field in msgspec.structs.fields(message_types()[name]):
        inside = re.findall(r"messages\.(\w+)", repr(field.type))
        for part in inside:
            found |= parts_of(part)
    return found


def requests() -> set[str]:
    """Return the messages that devices and readers send."""
    taken = {operation.takes for operation in OPERATIONS} & set(message_types())
    return {part for name in taken if name for part in parts_of(name)}


def columns() -> list[str]:
    """Return every column of the micro-database after all migrations."""
    db = apsw.Connection(":memory:")
    for migration in MIGRATIONS:
        db.execute(migration)
    query = """
        SELECT m.name || '.' || c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
        WHERE m.type = 'table'
    """
    return [str(name) for (name,) in db.execute(query)]


def string_keys(source: str) -> set[str]:
    """Return the strings that a piece of code uses as keys of dictionaries, or pairs with one in a tuple."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Dict(keys=keys):
                found |= {str(key.value) for key in keys if isinstance(key, ast.Constant)}
            case ast.Subscript(slice=ast.Constant(value=str(name)), ctx=ast.Store()):
                found.add(name)
            case ast.Tuple(elts=[ast.Constant(value=str(name)), ast.Constant(value=str())]):
                found.add(name)
    return found


def test_every_column_of_the_database_is_listed_once() -> None:
    listed = first_cells("The micro-database")
    assert sorted(listed) == sorted(set(listed))
    assert set(listed) == set(columns())


def test_every_field_of_every_request_is_listed_once() -> None:
    fields = {f"{name}.{field}" for name in requests() for field in message_types()[name].__struct_fields__}
    listed = first_cells("Requests")
    assert sorted(listed) == sorted(set(listed))
    assert set(listed) == fields


def test_every_field_of_every_response_is_listed_once() -> None:
    listed = {row[0].strip("`"): tuple(re.findall(r"`(\w+)`", row[1])) for row in cells("Responses")}
    others = {
        name: found.__struct_fields__ for name, found in message_types().items() if name not in requests()
    }
    assert listed == others


def test_every_field_of_a_provisioners_messages_is_listed_once() -> None:
    fields = {
        f"{name}.{field}"
        for name, found in vars(provisioning).items()
        if inspect.isclass(found) and issubclass(found, messages.Message)
        for field in found.__struct_fields__
    }
    listed = first_cells("The provisioner")
    assert sorted(listed) == sorted(set(listed))
    assert set(listed) == fields


def test_what_a_request_stores_names_a_column_or_a_prefix() -> None:
    known = {*columns(), *first_cells("Stored objects")}
    stored = [row[2] for row in cells("Requests")]
    assert len(stored) > 40
    assert [text for text in stored if text not in ("no", "as a hash") and text.strip("`") not in known] == []


def test_every_prefix_of_stored_objects_is_listed() -> None:
    listed = set(first_cells("Stored objects"))
    assert listed >= set(BLOB_PREFIXES)
    table = STORAGE.split("| prefix | holds |")[1].split("\n\n")[0]
    assert listed == set(re.findall(r"`([a-z]+/)`", table))


def test_every_field_of_the_log_is_listed() -> None:
    written = string_keys(inspect.getsource(middleware.Exchange.log_fields).lstrip().replace("\n    ", "\n"))
    written |= string_keys(inspect.getsource(logs.error_fields))
    written |= string_keys(inspect.getsource(logs.JsonLog.write).lstrip().replace("\n    ", "\n"))
    assert set(first_cells("The service's log")) == written | {"message"}


def test_every_event_of_the_log_is_listed() -> None:
    events = set()
    for path in (ROOT / "service/satchel_service").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            match node:
                case ast.Call(func=ast.Attribute(attr="write"), args=[_, ast.Constant(value=str(event)), *_]):
                    events.add(event)
    row = next(line for line in PAGE.splitlines() if line.startswith("| `event`"))
    assert events == set(re.findall(r"`(\w+)`", row)) - {"event"}
