"""Settings, problems, operations and the OpenAPI document agree with docs/reference."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from satchel.outgoing.address import Origin
from satchel_service.environment import VERSION
from satchel_service.settings import SETTINGS, Settings, SettingsError
from satchel_service.storage.opening import open_storage
from satchel_service.web.endpoints import MODULE_OF, MODULES, endpoint
from satchel_service.web.openapi import describe, document
from satchel_wire import messages, routes
from satchel_wire.operations import OPERATIONS, problems_of
from satchel_wire.problems import PREFIX, ProblemCode
from satchel_wire.provisioning import PROVISIONER_OPERATIONS

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference"


def table(page: str) -> list[list[str]]:
    lines = (REFERENCE / page).read_text().splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("|")
    ]
    return cells[2:]


def test_every_setting_is_documented() -> None:
    documented = [
        [cell.strip("`|").strip() for cell in row[:2]] + [row[-1].strip()] for row in table("settings.md")
    ]
    assert documented == [[setting.env, setting.default, setting.help] for setting in SETTINGS]


def test_settings_and_fields_correspond() -> None:
    assert [setting.name for setting in SETTINGS] == list(Settings.__annotations__)


def test_the_defaults_are_valid() -> None:
    settings = Settings.read({})
    assert (settings.port, settings.storage) == (8080, "file:/var/lib/satchel")
    assert settings == Settings.read({setting.env: "" for setting in SETTINGS})


@pytest.mark.parametrize(
    ("env", "value"),
    [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("SATCHEL_PART_BYTES", "33554432"),
        ("SATCHEL_PART_BYTES", "1_000_000"),
        ("SATCHEL_QUOTA_BYTES", "0"),
        ("SATCHEL_LOG_LEVEL", "loud"),
        ("SATCHEL_PUBLIC_URL", "me.example"),
        ("SATCHEL_QUOTA_BYTES", "9" * 20),
        ("SATCHEL_UPLOAD_TTL_S", "99999999999999999999"),
        ("SATCHEL_DELETE_GRACE_S", "-1"),
        ("SATCHEL_DELETE_GRACE_S", str(10**12)),
        ("PORT", "\u0663"),
    ],
)
def test_an_invalid_value_is_refused_with_the_name_of_its_setting(env: str, value: str) -> None:
    with pytest.raises(SettingsError, match=env) as refused:
        Settings.read({env: value})
    assert repr(value) in str(refused.value)


@pytest.mark.parametrize(
    "location", ["/var/lib", "file:relative", "ftp://x/y", "s3://", "s3://Bucket", "s3://b/../c", "gs://b?c"]
)
def test_an_invalid_storage_location_is_refused(location: str) -> None:
    with pytest.raises(SettingsError, match="SATCHEL_STORAGE"):
        open_storage(Settings.read({"SATCHEL_STORAGE": location}), bytes)


def test_the_version_of_the_service_is_that_of_the_distribution() -> None:
    assert version("satchel") == VERSION


def test_every_problem_is_documented() -> None:
    documented = [[cell.strip("`") for cell in row[:3]] for row in table("problems.md")]
    assert documented == [[code.code, str(code.status), code.title] for code in ProblemCode]


def test_problem_codes_are_unique() -> None:
    assert len({code.code for code in ProblemCode}) == len(ProblemCode)
    assert ProblemCode.USED_UP.type == PREFIX + "used-up"


def test_the_openapi_document_in_the_docs_is_up_to_date() -> None:
    assert (REFERENCE / "openapi.json").read_bytes() == document()


def test_every_operation_has_an_endpoint_and_every_endpoint_an_operation() -> None:
    assert {operation.id for operation in OPERATIONS} == set(MODULE_OF)
    assert len(MODULE_OF) == sum(len(names) for names in MODULES.values())
    for operation in OPERATIONS:
        assert callable(endpoint(operation.id))


def test_every_route_has_an_operation() -> None:
    paths = {value for name, value in vars(routes).items() if name.isupper()}
    assert {operation.route for operation in OPERATIONS} == paths


def test_operations_use_exactly_the_defined_messages() -> None:
    described = json.loads(json.dumps(describe()))["components"]["schemas"]
    bases = (messages.Message, messages.TimedMessage)
    own = {
        name
        for name, value in vars(messages).items()
        if isinstance(value, type) and issubclass(value, messages.Message) and value not in bases
    }
    assert set(described) == own


def test_the_openapi_document_lists_every_problem_of_every_operation() -> None:
    paths = describe()["paths"]
    for operation in OPERATIONS:
        responses = paths[operation.route][operation.method.lower()]["responses"]
        assert str(operation.status) in responses
        for code in problems_of(operation):
            assert f"`{code.code}`" in responses[str(code.status)]["description"]


def test_every_operation_whose_path_has_an_id_may_not_find_it() -> None:
    """Anything but an id in its place is not found, whatever the operation does."""
    with_id = [operation for operation in (*OPERATIONS, *PROVISIONER_OPERATIONS) if "{" in operation.route]
    assert len(with_id) > 20
    assert [each.id for each in with_id if ProblemCode.NOT_FOUND not in each.problems] == []


def test_the_routes_in_the_wire_specification_exist() -> None:
    spec = (REFERENCE.parent / "spec" / "wire.md").read_text()
    named = set(re.findall(r"`(?:[A-Z]+ )?(/[^`#?]*)`", spec))
    served = {operation.route for operation in (*OPERATIONS, *PROVISIONER_OPERATIONS)}
    assert named <= {"/", *served}


@pytest.mark.parametrize(
    ("host", "expected"),
    [("0.0.0.0", "0.0.0.0:80"), ("::1", "[::1]:80"), ("[::]", "[::]:80"), ("me", "me:80")],
)
def test_the_bind_address_can_be_ipv6(host: str, expected: str) -> None:
    from satchel_service.server.gunicorn_server import address

    assert address(host, 80) == expected


ADDRESSES = [
    "https://cloud.example.com",
    "https://cloud.example.com/",
    "HTTPS://Cloud.Example.COM",
    "https://my_cloud.internal:8443",
    "https://_dmarc.example.com",
    "http://127.0.0.1:8080",
    "http://[::1]:8080",
    "https://localhost",
]
NO_ADDRESSES = [
    "cloud.example.com",
    "ftp://cloud.example.com",
    "https://",
    "https://cloud.example.com/satchel",
    "https://cloud.example.com?x=1",
    "https://cloud.example.com#x",
    "https://user@cloud.example.com",
    "https://cloud..example.com",
    "https://-cloud.example.com",
    "https://cloud.example.com:0",
    "https://cloud.example.com:65536",
    "https://cloud.example.com:99999999999999999999",
    "https://clöud.example.com",
    "https://cloud example.com",
    "https://cloud.example.com\n",
    "https://cloud.example.com//",
]


@pytest.mark.parametrize("url", ADDRESSES)
def test_the_public_address_is_one_that_clients_accept(url: str) -> None:
    public = Settings.read({"SATCHEL_PUBLIC_URL": url}).public_url
    assert str(Origin.parse(public, allow_http=True)) == public


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_an_address_that_no_client_accepts_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="SATCHEL_PUBLIC_URL"):
        Settings.read({"SATCHEL_PUBLIC_URL": url})


@pytest.mark.parametrize("value", ["9" * 5000, "x" * 5000])
def test_an_error_quotes_only_the_beginning_of_a_value(value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.read({"SATCHEL_QUOTA_BYTES": value})
    assert len(str(caught.value)) < 300
