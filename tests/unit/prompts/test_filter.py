"""Secrets, addresses, host names and home paths get placeholders, and answers get the values back."""

import time

import pytest

from satchel.prompts import Filter, Filtered

TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
OTHER = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
PASSWORD = "S3cr3tPassw" + "0rd"
BODY = "\n".join("MIIEowIBAAKCAQEAx7" + "Qk3vZ9Lw2TnBcR8dYhXqWs5uEjGf" * 2 for _ in range(12))
KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}\n-----END RSA PRIVATE KEY-----"


def apply(text: str, home: str = "", host: str = "") -> Filtered:
    return Filter(home=home, host=host).apply(text)


def kinds(filtered: Filtered) -> list[str]:
    return [one.kind for one in filtered.replaced]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"export GITHUB_TOKEN={TOKEN}\n", "export GITHUB_TOKEN=<SECRET_1>\n"),
        (f"psql postgres://app:{PASSWORD}@db.corp.example/x", "psql postgres://app:<SECRET_1>@<HOST_1>/x"),
        ("write to ann.lee+ci@corp.example.com.", "write to <EMAIL_1>."),
        ("<ann@example.org>, bob@example.org", "<<EMAIL_1>>, <EMAIL_2>"),
        ("ann@st-mary.health or bob@ward.hospital.example", "<EMAIL_1> or <EMAIL_2>"),
        ("ssh -p 22 deploy@build7 uptime", "ssh -p 22 deploy@<HOST_1> uptime"),
        ("git@git.corp.example.com:team/x.git", "git@<HOST_1>:team/x.git"),
        ("curl http://build7:8080/health", "curl http://<HOST_1>:8080/health"),
        ("ping 10.1.2.3 and fe80::1c2:3ff", "ping <HOST_1> and <HOST_2>"),
        ("https://[2001:db8::7]:443/", "https://<HOST_1>:443/"),
        ("the host vault.prod.internal is down", "the host <HOST_1> is down"),
        ("cat /home/ann/notes.md /Users/bob/x", "cat <HOME_1>/notes.md <HOME_2>/x"),
        (r"C:\Users\Ann Lee\x.txt", r"<HOME_1>\x.txt"),
        ('"C:\\\\Users\\\\ann\\\\x"', '"<HOME_1>\\\\x"'),
        ("file:///home/ann/a.html", "file://<HOME_1>/a.html"),
    ],
)
def test_what_must_not_leave_gets_a_placeholder(text: str, shown: str) -> None:
    filtered = apply(text)
    assert filtered.text == shown
    assert filtered.restore(shown) == text


@pytest.mark.parametrize(
    "text",
    [
        "import os.path\nself.request.info(x)\nthreading.local()\njava.io.File f;",
        "see https://docs.python.org/3/library/re.html and https://github.com/a/b",
        "http://localhost:8080/ and http://127.0.0.1/ with mask 255.255.255.0",
        "npm install react@18.2.0 @types/node@20",
        "@app.route('/homes/page')\ndef f(): return a @ b.T + a@b.dot(c) + a@b.T",
        "logo@2x.png, getty@tty1.service",
        "std::vector<int> v; a::b::c(); 12:34:56",
        "https://example.com/home/ann/page",
        "git clone git@github.com:a/b.git",
        "notes.md, app.py, weights.pt and lib.so.1",
    ],
)
def test_code_and_public_hosts_stay(text: str) -> None:
    assert apply(text).text == text


def test_the_same_value_has_one_placeholder_in_all_texts() -> None:
    first, second = f"TOKEN={TOKEN}", f"again {TOKEN}, and {OTHER}"
    filtered = Filter().apply(first, second)
    assert filtered.texts == ("TOKEN=<SECRET_1>", "again <SECRET_1>, and <SECRET_2>")
    assert [one.what for one in filtered.replaced] == ["GitHub personal access token"] * 2


def test_a_secret_that_only_its_name_gives_away_is_replaced_everywhere() -> None:
    filtered = apply(f"DB_PASSWORD = '{PASSWORD}!'\nlogin('ann', '{PASSWORD}!')\n")
    assert PASSWORD not in filtered.text
    assert len(filtered.replaced) == 1


def test_a_private_key_is_replaced_whole() -> None:
    text = f"ssh:\n{KEY}\nend"
    assert apply(text).text == "ssh:\n<SECRET_1>\nend"
    cut = KEY.rpartition("-----END")[0]
    assert apply(f"x\n{cut}").text.strip() == "x\n<SECRET_1>"
    escaped = '{"key": "' + KEY.replace("\n", "\\n") + '", "id": 1}'
    assert apply(escaped).text == '{"key": "<SECRET_1>", "id": 1}'


def test_a_placeholder_of_the_text_stays_its_own() -> None:
    text = f"write <SECRET_1> for {TOKEN}"
    filtered = apply(text)
    assert filtered.text == "write <SECRET_1> for <SECRET_2>"
    assert filtered.restore("<SECRET_1> <SECRET_2> <SECRET_3>") == f"<SECRET_1> {TOKEN} <SECRET_3>"


def test_a_line_that_its_author_allowed_is_replaced_all_the_same() -> None:
    assert TOKEN not in apply(f"t = '{TOKEN}'  # satchel:allow").text


def test_hidden_characters_and_line_ends_come_back() -> None:
    text = f"a\r\nT={TOKEN[:12]}\u200b{TOKEN[12:]}\r\nb\0\r"
    filtered = apply(text)
    assert TOKEN[12:] not in filtered.text
    assert filtered.restore(filtered.text) == text


def test_kinds_that_are_off_stay_but_secrets_never() -> None:
    text = f"ann@example.com on build7.corp.internal in /home/ann: {TOKEN}"
    assert Filter(()).apply(text).text == "ann@example.com on build7.corp.internal in /home/ann: <SECRET_1>"
    assert kinds(Filter(["host"]).apply(text)) == ["host", "secret"]


def test_this_device_is_known_by_its_own_names() -> None:
    filtered = apply("on Annes-Laptop in /srv/people/ann/x", home="/srv/people/ann/", host="annes-laptop")
    assert filtered.text == "on <HOST_1> in <HOME_1>/x"


def test_texts_put_together_keep_their_placeholders() -> None:
    whole = Filter()
    filtered = whole.apply(f"a {TOKEN}", "b ann@example.com")
    again = whole.again(filtered, f"{filtered.texts[0]}\n{OTHER}\n")
    assert again.texts == ("a <SECRET_1>\n<SECRET_2>\n",)
    assert [one.value for one in again.replaced] == [TOKEN, OTHER]  # no address, which is not in it
    assert again.restore("<EMAIL_1>") == "<EMAIL_1>"
    assert filtered.restore("<EMAIL_1>") == "ann@example.com"


@pytest.mark.parametrize(
    "unit",
    ["@", "a.", "a@b.", "://", "-a", "-----BEGIN RSA PRIVATE KEY-----\nMIIE" + "Qk3vZ9Lw" * 5, "/home/", "<SECRET_1>",
     "1.2.3.4.", "a:b:", "ssh a@b ", "key=", "<", "://a@", "\u200b", "x" * 50 + "@"],
)  # fmt: skip
def test_hostile_texts_take_bounded_time(unit: str) -> None:
    text = (unit * (15_000 // len(unit) + 1))[:15_000]
    begun = time.process_time()
    filtered = apply(text)
    assert time.process_time() - begun < 15
    assert filtered.restore(filtered.text) == text


def test_hundreds_of_secrets_are_all_replaced() -> None:
    tokens = [f"ghp_{(number * 7919) ** 9 % 36**30:036x}"[:40] for number in range(3, 500)]
    text = "\n".join(f"t{number} = '{token}'" for number, token in enumerate(tokens))
    begun = time.process_time()
    filtered = apply(text)
    assert time.process_time() - begun < 30
    assert not Filter().find(filtered.text)
    assert filtered.restore(filtered.text) == text
