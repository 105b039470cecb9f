"""Signing in at a certified provider with a browser: what the device sends, checks and refuses."""

import base64
import json
import socket
import time
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import urllib3
from tests.oidc.issuer import ANOTHER_APP, CLIENTS, SECOND_FACTOR, SECRET_CLIENT, Issuer
from tests.oidc.user_agent import Person, UserAgent
from tests.support.service import free_port
from tests.support.waiting import wait_until
from tests.unit.signin.conftest import BOUND, Desk, info_of

from satchel.errors import RefusedError, SatchelError, UnreachableError
from satchel.signin.id_token import Claims


def test_a_sign_in_returns_an_id_token_for_the_cloud(desk: Desk, provider: Issuer) -> None:
    signed_in = desk.sign_in()
    claims = signed_in.token.claims
    assert (claims.iss, claims.sub, claims.nonce) == (provider.url, "ada", BOUND)
    assert claims.auth_time is not None
    assert signed_in.refresh_token is None
    assert signed_in.token.value not in repr(signed_in)


def test_the_request_uses_pkce_state_and_the_clouds_nonce(desk: Desk) -> None:
    desk.change(acr_values=[SECOND_FACTOR])
    desk.agent.person = Person(has_second_factor=True)
    assert desk.sign_in().token.claims.acr == SECOND_FACTOR
    asked = {name: values[0] for name, values in parse_qs(urlsplit(desk.agent.visited[0]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert len(base64.urlsafe_b64decode(asked["code_challenge"] + "=")) == 32
    assert len(asked["state"]) == 43
    assert (asked["nonce"], asked["max_age"], asked["acr_values"]) == (BOUND, "300", SECOND_FACTOR)
    assert json.loads(asked["claims"]) == {"id_token": {"auth_time": {"essential": True}, "amr": None}}
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert "prompt" not in asked


def test_two_sign_ins_share_no_random_value(desk: Desk) -> None:
    desk.sign_in()
    first = dict(parse_qsl(urlsplit(desk.agent.visited[0]).query))
    desk.agent.visited.clear()
    desk.sign_in()
    second = dict(parse_qsl(urlsplit(desk.agent.visited[0]).query))
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]


@pytest.mark.parametrize("client", CLIENTS.values())
def test_tokens_of_every_algorithm_are_accepted(desk: Desk, client: str) -> None:
    desk.change(client_id=client, audience=client)
    assert desk.sign_in().token.claims.sub == "ada"


def test_a_published_client_secret_is_sent_where_the_cloud_names_one(desk: Desk) -> None:
    name, secret = SECRET_CLIENT
    desk.change(client_id=name, audience=name)
    with pytest.raises(RefusedError, match="does not know the application"):
        desk.sign_in()
    desk.change(client_id=name, audience=name, client_secret=secret)
    assert desk.sign_in().token.claims.sub == "ada"


def test_the_last_page_says_that_the_window_can_be_closed(desk: Desk) -> None:
    desk.sign_in()
    wait_until(lambda: bool(desk.pages))  # the device may be done before the browser
    (page,) = desk.pages
    assert "You can close this window" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_refresh_tokens_are_asked_for_with_consent_only(desk: Desk) -> None:
    desk.change(scopes=["openid", "offline_access"])
    signed_in = desk.sign_in()
    assert signed_in.refresh_token
    assert signed_in.refresh_token not in repr(signed_in)
    assert "prompt=consent" in desk.agent.visited[0]


def test_a_cancelled_sign_in_is_reported_on_one_line(desk: Desk, provider: Issuer) -> None:
    provider.deny_with("no\x1b[31m thanks\nreally " + "x" * 5000)
    desk.agent.person = Person(refuses=True)
    with pytest.raises(RefusedError, match="denied or cancelled") as caught:
        desk.sign_in()
    assert "\x1b" not in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 500


def test_nobody_signing_in_ends_with_a_hint(desk: Desk) -> None:
    desk.browse, desk.timeout_s = (lambda _url: None), 0.05
    with pytest.raises(RefusedError, match="nobody signed in") as caught:
        desk.sign_in()
    assert "--device-flow" in caught.value.hint


def test_strangers_do_not_end_the_wait(desk: Desk) -> None:
    """Wrong states, paths, hosts, methods and repeated parameters get the same answer, and the sign-in goes on."""
    answers: list[tuple[int, bytes]] = []

    def browse(url: str) -> None:
        returned = desk.agent.stop_before(url)
        base, _, query = returned.partition("?")
        state = dict(parse_qsl(query))["state"]
        forged = [
            f"{base}?{urlencode({'code': 'forged', 'state': 'wrong'})}",
            f"{base}?code=forged",
            f"{base}?{urlencode({'error': 'access_denied', 'state': state[:-1]})}",
            f"{base}?{query}&state={state}",
            f"{base.replace('/callback', '/other')}?{query}",
            f"{base}?{query}&{'x=1&' * 30}y=1",
            f"{base}?{query}&x={'x' * 20_000}",
            f"{base}?%ff=%00&",
            base,
        ]
        for each in forged:
            answer = urllib3.request("GET", each, retries=False)
            answers.append((answer.status, answer.data))
        methods = ("POST", "HEAD", "PUT", "OPTIONS")
        answers.extend((urllib3.request(each, returned, retries=False).status, b"") for each in methods)
        rebound = urllib3.request("GET", returned, headers={"Host": "attacker.example"}, retries=False)
        answers.append((rebound.status, rebound.data))
        desk.agent.get(returned)

    desk.browse = browse
    assert desk.sign_in().token.claims.sub == "ada"
    assert [answer for answer in answers if answer[0] < 400] == []
    assert len({data for status, data in answers if status == 404}) == 1


def test_connections_that_send_nothing_do_not_block_the_answer(desk: Desk) -> None:
    silent: list[socket.socket] = []

    def browse(url: str) -> None:
        redirect = dict(parse_qsl(urlsplit(url).query))["redirect_uri"]
        port = urlsplit(redirect).port
        assert port is not None
        silent.extend(socket.create_connection(("127.0.0.1", port)) for _ in range(8))
        desk.agent.sign_in(url)

    desk.browse = browse
    assert desk.sign_in().token.claims.sub == "ada"
    for each in silent:
        each.close()


def test_the_first_free_port_of_the_cloud_is_used(desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = [taken.getsockname()[1], free_port()]
        desk.change(redirect_ports=ports)
        desk.sign_in()
        assert f"127.0.0.1%3A{ports[1]}%2Fcallback" in desk.agent.visited[0]
        desk.change(redirect_ports=ports[:1])
        with pytest.raises(SatchelError, match=f"none of the ports {ports[0]} is free"):
            desk.sign_in()


# -- issuers that lie -----------------------------------------------------------------------------------------


def test_an_answer_that_names_another_issuer_is_refused(
    desk: Desk, provider: Issuer, other_provider: Issuer
) -> None:
    """The mix-up attack: the code must not go to an issuer that did not make it (RFC 9207)."""

    def browse(url: str) -> None:
        returned = desk.agent.stop_before(url)
        desk.agent.get(
            returned.replace(urlencode({"iss": provider.url}), urlencode({"iss": other_provider.url}))
        )

    desk.browse = browse
    provider.reset()
    with pytest.raises(RefusedError, match="comes from the issuer"):
        desk.sign_in()
    assert "POST /token" not in provider.requests()


def test_an_answer_without_the_issuer_is_refused_if_the_metadata_announces_it(
    desk: Desk, provider: Issuer
) -> None:
    provider.drop_iss()
    with pytest.raises(RefusedError, match="does not name the issuer"):
        desk.sign_in()
    assert "POST /token" not in provider.requests()
    provider.change_metadata(authorization_response_iss_parameter_supported=None)
    assert desk.sign_in().token.claims.sub == "ada"


def test_the_issuer_of_an_error_is_checked_too(desk: Desk, provider: Issuer) -> None:
    desk.agent.person = Person(refuses=True)
    provider.drop_iss()
    with pytest.raises(RefusedError, match="does not name the issuer"):
        desk.sign_in()


def test_a_token_of_another_sign_in_is_refused(desk: Desk, provider: Issuer) -> None:
    head, payload, signature = desk.sign_in().token.value.split(".")  # the cloud in memory repeats its nonce
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))

    def forge(**changes: object) -> str:
        changed = json.dumps({**claims, **changes}).encode()
        return f"{head}.{base64.urlsafe_b64encode(changed).rstrip(b'=').decode()}.{signature}"

    for changes, reason in (
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"iss": "https://other.example"}, "names another issuer"),
        ({"aud": "another-app"}, "is for another application"),
        ({"aud": ["satchel", "x"]}, "does not say to which application"),
        ({"aud": ["satchel", "x"], "azp": "x"}, "was issued to another"),
        ({"azp": "another-app"}, "was issued to another"),
        ({"exp": -600}, "expired 10 minutes ago"),
        ({"iat": 600}, "is dated 10 minutes ahead"),
        ({"sub": ""}, "cannot be read"),
        ({"exp": "soon"}, "cannot be read"),
    ):
        now = int(time.time())  # the sign-ins before this one may have taken long
        dated = {name: now + value for name, value in changes.items() if isinstance(value, int)}
        provider.change_token_response(id_token=forge(**{**changes, **dated}))
        with pytest.raises(RefusedError, match=reason) as caught:
            desk.sign_in()
        assert signature not in f"{caught.value.message}{caught.value.hint}"
    for text in (
        "",
        "a.b",
        "not a token",
        f"{head}.{payload}",
        "x" * 20_000,
        f"{head}.!!.{signature}",
        f"{head}.{'W1' * 4000}.{signature}",
    ):
        provider.change_token_response(id_token=text)
        with pytest.raises(SatchelError):
            desk.sign_in()


def test_a_token_for_another_application_of_the_issuer_is_refused(desk: Desk) -> None:
    desk.change(client_id=ANOTHER_APP)
    with pytest.raises(RefusedError, match="is for another application"):
        desk.sign_in()


def test_an_issuer_without_id_tokens_is_refused(desk: Desk, provider: Issuer) -> None:
    provider.change_token_response(id_token=None)
    with pytest.raises(RefusedError, match="gave no ID token"):
        desk.sign_in()


# -- freshness and clocks -------------------------------------------------------------------------------------


def test_an_issuer_that_ignores_max_age_is_asked_again_with_prompt_login(
    desk: Desk, provider: Issuer
) -> None:
    provider.ignore_max_age()
    provider.set_clock(-900)
    desk.device_offset = desk.cloud.offset = timedelta(seconds=-900)
    first = desk.sign_in().token.claims.auth_time
    provider.set_clock(0)
    desk.device_offset = desk.cloud.offset = timedelta()
    desk.agent.visited.clear()
    second = desk.sign_in().token.claims.auth_time
    assert first is not None
    assert second is not None
    assert second - first > 800
    asked = [url for url in desk.agent.visited if "/auth?" in url]
    assert [("prompt=login" in url) for url in asked] == [False, True]


def test_an_issuer_that_never_asks_again_is_reported(desk: Desk, provider: Issuer) -> None:
    provider.ignore_max_age()
    provider.set_clock(-900)
    desk.device_offset = desk.cloud.offset = timedelta(seconds=-900)
    desk.sign_in()
    provider.set_clock(0)
    desk.device_offset = desk.cloud.offset = timedelta()
    provider.change_metadata(prompt_values_supported=["none"])
    with pytest.raises(RefusedError, match="does not say that you have just signed in"):
        desk.sign_in()


@pytest.mark.parametrize("hours", [-30, 30])
def test_a_wrong_clock_of_the_device_does_not_matter(desk: Desk, hours: int) -> None:
    desk.device_offset = timedelta(hours=hours)
    assert desk.sign_in().token.claims.sub == "ada"


@pytest.mark.parametrize(
    ("offset_s", "reason"), [(7200, "is dated 120 minutes ahead"), (-7200, "expired 60 minutes ago")]
)
def test_clocks_of_issuer_and_cloud_that_differ_are_named(
    desk: Desk, provider: Issuer, offset_s: int, reason: str
) -> None:
    provider.set_clock(offset_s)
    with pytest.raises(RefusedError, match=reason) as caught:
        desk.sign_in()
    assert "clocks of the issuer and the cloud differ" in caught.value.hint


# -- an issuer that fails -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token"])
@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_issuer_that_fails_is_named(desk: Desk, provider: Issuer, path: str, status: int) -> None:
    provider.fail({path: status})
    with pytest.raises(UnreachableError, match="issuer") as caught:
        desk.sign_in()
    assert provider.url in caught.value.message


def test_a_stopped_issuer_is_reported_before_the_browser_opens(desk: Desk) -> None:
    desk.cloud.info = info_of("http://127.0.0.1:9")
    with pytest.raises(UnreachableError, match="nothing listens"):
        desk.sign_in()
    assert desk.shown == []


def test_another_account_can_be_chosen(desk: Desk) -> None:
    assert desk.sign_in().token.claims.sub == "ada"
    desk.agent.person = Person("grace")
    assert desk.sign_in().token.claims.sub == "ada"
    assert desk.sign_in(as_another=True).token.claims.sub == "grace"


def test_the_address_is_shown_because_no_browser_may_open(desk: Desk) -> None:
    agent = UserAgent()
    desk.browse = lambda _url: agent.sign_in(desk.shown[-1].splitlines()[-1])
    assert desk.sign_in().token.claims.sub == "ada"


@pytest.mark.parametrize(
    ("amr", "shown"),
    [(None, None), (("pwd",), False), (("pwd", "kba"), False), (("pwd", "otp"), True), (("mfa",), True)],
)
def test_a_device_shows_a_second_factor_as_the_cloud_judges_it(
    amr: tuple[str, ...] | None, shown: bool | None
) -> None:
    claims = Claims(iss="https://issuer.example", sub="ada", aud="satchel", exp=1, iat=1, amr=amr)
    assert claims.has_second_factor is shown
