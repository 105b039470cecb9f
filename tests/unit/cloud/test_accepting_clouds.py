"""Where a provisioner's cloud may be: under the provisioner, under a domain that the owner names, or where the owner says yes."""

import io

import pytest

from satchel.cli.environment import Streams
from satchel.cli.provisioning import require_accepted
from satchel.cli.terminal.output import Output
from satchel.cloud.provisioner import cloud_of
from satchel.errors import RefusedError, UsageError
from satchel.outgoing.address import Origin
from satchel_wire.provisioning import CloudProgress

NAME = "c" + "a" * 25
PROVISIONER = Origin.parse("https://satchel.example.org")
UNDER = f"https://{NAME}.s1.satchel.example.org"
ELSEWHERE = f"https://{NAME}.s1.clouds.example.net"


def accept(url: str, domain: str | None, typed: str | None = None) -> str:
    """Accept a cloud, with what a person types on a terminal, and return what was asked."""
    has_terminal = typed is not None
    said = io.StringIO()
    stdin = io.BytesIO(f"{typed}\n".encode())
    streams = Streams(stdin, io.BytesIO(), said, has_terminal, has_terminal, has_terminal)
    place = cloud_of(CloudProgress(state="ready", name=NAME, url=url, ticket="t"), PROVISIONER)
    require_accepted(Output(streams, as_json=False, quiet=False, color=False), PROVISIONER, place, domain)
    return said.getvalue()


@pytest.mark.parametrize("domain", [None, "satchel.example.org", "s1.satchel.example.org", "EXAMPLE.org."])
def test_a_cloud_where_it_is_expected_needs_no_question(domain: str | None) -> None:
    assert accept(UNDER, domain) == ""


def test_a_cloud_elsewhere_is_fine_under_the_named_domain() -> None:
    assert accept(ELSEWHERE, "clouds.example.net") == ""


@pytest.mark.parametrize(
    "domain", ["satchel.example.org", "ds.example.net", "example.com", f"{NAME}.s1.clouds.example.net"]
)
@pytest.mark.parametrize("typed", [None, "y"])
def test_a_cloud_outside_the_named_domain_is_refused(domain: str, typed: str | None) -> None:
    with pytest.raises(RefusedError, match="which is not under"):
        accept(ELSEWHERE, domain, typed)


def test_without_a_terminal_a_cloud_elsewhere_is_refused_with_the_option_to_name_it() -> None:
    with pytest.raises(RefusedError) as caught:
        accept(ELSEWHERE, None)
    assert "--domain NAME" in caught.value.hint


@pytest.mark.parametrize("typed", ["", "n", "no", "yes please"])
def test_only_yes_connects_to_a_cloud_elsewhere(typed: str) -> None:
    with pytest.raises(UsageError, match="cancelled"):
        accept(ELSEWHERE, None, typed)


@pytest.mark.parametrize("typed", ["y", "yes", "Yes"])
def test_the_person_is_shown_the_address_and_agrees(typed: str) -> None:
    assert ELSEWHERE in accept(ELSEWHERE, None, typed)
