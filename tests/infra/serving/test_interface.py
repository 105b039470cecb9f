"""What the provisioner serves beside clouds: sign-in, health, its description, its page, certificates' names."""

import re

import pytest
from tests.infra.serving.conftest import PUBLIC_URL, MakeService, Service
from tests.support.asgi import Call

from satchel_infra.serving.endpoints import ENDPOINTS
from satchel_infra.serving.interface import OPERATIONS
from satchel_service.security_headers import EVERYWHERE


def test_every_operation_has_an_endpoint() -> None:
    assert set(ENDPOINTS) == {operation.id for operation in OPERATIONS}


def test_it_says_that_it_is_a_provisioner(service: Service) -> None:
    assert service.call("GET", "/v1/capabilities").json() == {"capabilities": ["provision", "sign-in"]}


def test_sign_in_is_described_as_a_cloud_does(service: Service) -> None:
    shown = service.call("GET", "/v1/sign-in").json()
    assert (shown["issuer"], shown["client_id"], shown["needs_code"]) == (
        service.issuer.url,
        "satchel",
        False,
    )


def test_health(service: Service) -> None:
    assert service.call("GET", "/live").json() == {"ok": True}
    assert service.call("GET", "/ready").json() == {"ok": True}


def test_it_is_not_ready_without_its_records(make_service: MakeService) -> None:
    service = make_service()
    (service.place.folder / "records/staging").rmdir()
    assert service.call("GET", "/ready").problem == "unavailable"
    assert service.call("GET", "/live").status == 200


def test_the_description_lists_every_operation_and_problem(service: Service) -> None:
    described = service.call("GET", "/v1/openapi.json").json()
    found = {each["operationId"] for path in described["paths"].values() for each in path.values()}
    assert found == {operation.id for operation in OPERATIONS}
    assert {"CloudRequest", "CloudProgress", "AdvanceRequest", "Problem"} <= described["components"][
        "schemas"
    ].keys()
    assert (
        "fresh-sign-in" in described["paths"]["/v1/clouds/removal"]["post"]["responses"]["403"]["description"]
    )


@pytest.mark.parametrize("path", ["/", "/live", "/v1/sign-in", "/v1/clouds", "/nothing", "/ask?domain=x"])
def test_every_response_has_the_headers_that_protect_it(service: Service, path: str) -> None:
    answer = service.call("GET", path)
    for name, value in EVERYWHERE:
        if (path, name) != ("/", b"content-security-policy"):
            assert answer.headers[name.decode()] == value.decode()
    assert answer.headers["strict-transport-security"]
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])


def test_the_front_page_has_no_script_and_names_the_commands(service: Service) -> None:
    page = service.call("GET", "/")
    text = page.body.decode()
    assert page.headers["content-type"].startswith("text/html")
    assert "satchel connect" in text
    assert "<script" not in text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert service.call("POST", "/").problem == "method-not-allowed"


def test_names_of_clouds_and_of_the_provisioner_may_have_certificates(service: Service) -> None:
    ready = service.follow(service.request())
    host = ready["url"].removeprefix("https://")
    for allowed in (host, host.upper(), f"{host}.", PUBLIC_URL.removeprefix("https://")):
        assert service.call("GET", f"/ask?domain={allowed}").status == 200
    other = "c" + "a" * 25
    for refused in (
        "",
        "x",
        f"{other}.a.clouds.example.org",
        host.replace(".a.", ".b."),
        host.replace("example", "evil"),
        f"x.{host}",
        "clouds.example.org",
    ):
        assert service.call("GET", f"/ask?domain={refused}").status == 404
    service.remove()
    service.place.open_shard(service.place.provisioner().configuration.shards.all[0]).remove(ready["name"])
    assert service.call("GET", f"/ask?domain={host}").status == 404


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "via", "x-real-ip", "x-forwarded-proto"])
def test_strangers_behind_a_proxy_are_not_told_which_names_exist(service: Service, header: str) -> None:
    host = service.follow(service.request())["url"].removeprefix("https://")
    call = Call("GET", f"/ask?domain={host}", {header: "203.0.113.9"})
    assert service.loopback.call(call).status == 404
