"""No secret in an event: what is replaced in commands and other texts, and what is kept."""

from re import _parser as parser

import pytest

from satchel.memory.filtering import MARK, MAX_CHARS, cut, filtered, may_hold_secret
from satchel.models.secrets import find_spans
from satchel.models.secrets.formats import matcher
from satchel.models.secrets.texts import plain

GITHUB = "ghp_" + "Zq3vT8kLm2Xw9RbN5cYd7HfJ4sPgA1eUoKiM"
SECRETS = {
    "option": ("curl --password hunter2 https://example.org", "hunter2"),
    "option=": ("vault write --api-key=hunter2 x", "hunter2"),
    "quoted option": ("tool --token 'hunter 2' run", "hunter 2"),
    "single dash": ("java -Dx -password hunter2", "hunter2"),
    "variable": ("DB_PASSWORD=hunter2 make run", "hunter2"),
    "exported": ('export AWS_SECRET_ACCESS_KEY="hunter2"', "hunter2"),
    "fish variable": ("set -gx GITHUB_TOKEN hunter2", "hunter2"),
    "basic auth": ("curl -u ann:hunter2 https://example.org", "hunter2"),
    "user option": ("curl --user=ann:hunter2 https://example.org", "hunter2"),
    "header": ("curl -H 'Authorization: Bearer hunter2' https://example.org", "hunter2"),
    "own header": ('http GET example.org "X-Auth-Token:hunter2"', "hunter2"),
    "cookie": ("curl -H 'Cookie: sid=hunter2; theme=dark' x", "hunter2"),
    "json": ("""curl -d '{"password": "hunter2", "user": "ann"}' x""", "hunter2"),
    "address": ("git clone https://ann:hunter2@example.org/x.git", "hunter2"),
    "token address": ("git clone https://0123456789abcdefxyzt@example.org/x.git", "0123456789abcdefxyzt"),
    "query": ("curl 'https://example.org/x?id=3&access_token=hunter2'", "hunter2"),
    "mysql": ("mysql -u ann -phunter2 db", "hunter2"),
    "sshpass": ("sshpass -p hunter2 ssh ann@host", "hunter2"),
    "docker": ("docker login -u ann -p hunter2 registry.example.org", "hunter2"),
    "redis": ("redis-cli -h host -a hunter2 PING", "hunter2"),
    "zip": ("zip -r -P hunter2 x.zip x", "hunter2"),
    "7z": ("7z a -phunter2 x.7z x", "hunter2"),
    "openssl": ("openssl rsa -in k.pem -passin pass:hunter2", "hunter2"),
    "sql": ("psql -c \"alter role ann with password 'hunter2'\"", "hunter2"),
    "sudo": ("echo hunter2 | sudo -S apt update", "hunter2"),
    "stdin": ("echo 'hunter2' | docker login --password-stdin", "hunter2"),
    "printf": ("printf '%s' hunter2 | gh auth login --with-token", "hunter2"),
    "here-string": ("sudo -S true <<< hunter2", "hunter2"),
    "configured": ("aws configure set aws_secret_access_key hunter2", "hunter2"),
    "token": (f"curl https://api.github.com/user -H 'A: {GITHUB}'", GITHUB),
    "second line": ("cd parser\nexport API_KEY=hunter2\nmake", "hunter2"),
    "hidden by an invisible character": (f"echo {GITHUB[:9]}\u200b{GITHUB[9:]}", GITHUB[9:]),
}
HARMLESS = (
    "make test",
    "git commit -m 'Rotate the token of the parser'",
    "export PATH=$HOME/bin:$PATH",
    "cd $OLDPWD && ls",
    "PWD=/home/ann ls",
    "docker login --password-stdin < token.txt",
    "deploy --password-file ~/.pw --token-url https://example.org/token",
    "curl -u $USER:$PASS https://example.org",
    "TOKEN=$(pass show token) make",
    "export TOKEN=$OTHER",
    "pytest -k password --tb short",
    "ssh -p 2222 ann@host",
    "docker run -p 8080:80 -u 1000:1000 nginx",
    "mkdir -p a/b",
    "grep -rn passwd src",
    "sort -k2 -u names.txt",
    "python -m pytest tests/test_tokens.py::test_secret -x",
    "curl 'https://example.org/search?q=header&page=2'",
    "git show 3f2a9c1d4b5e6f708192a3b4c5d6e7f8091a2b3c",
    "echo done | tee log",
)


@pytest.mark.parametrize(("command", "secret"), SECRETS.values(), ids=SECRETS)
def test_a_secret_of_a_command_is_replaced(command: str, secret: str) -> None:
    found = filtered(command, is_command=True)
    assert secret not in found
    assert MARK in found


@pytest.mark.parametrize("command", HARMLESS)
def test_a_command_without_secrets_is_kept(command: str) -> None:
    assert filtered(command, is_command=True) == command


def test_only_the_secret_is_replaced() -> None:
    assert filtered("curl -u ann:hunter2 https://example.org", is_command=True) == (
        f"curl -u ann:{MARK} https://example.org"
    )


def test_a_private_key_is_replaced_to_its_last_line() -> None:
    key = (
        "-----BEGIN OPENSSH PRIVATE KEY-----\n"
        "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\n" + "Q7yTq0vXb2mWk9ZrLd4cPfHs\n" * 8
    )
    found = filtered(f"cat > k <<E\n{key}-----END OPENSSH PRIVATE KEY-----\nE", is_command=True)
    assert found == f"cat > k <<E\n{MARK}\nE"


def test_a_mark_that_allows_secrets_in_pieces_allows_none_here() -> None:
    assert GITHUB not in filtered(f"echo {GITHUB} # satchel:allow")


def test_a_note_is_judged_by_what_looks_like_a_secret() -> None:
    assert filtered("Fix token: refresh it when the password expires") == (
        "Fix token: refresh it when the password expires"
    )
    assert GITHUB not in filtered(f"the token is {GITHUB}")


def test_the_model_looks_at_whatever_it_could_find_something_in() -> None:
    for one in matcher().by_prefix.values():
        assert all(parser.parse(each.shape.pattern).getwidth()[0] >= 16 for each in one), one
    for one in matcher().by_infix.values():
        assert all(parser.parse(each.shape.pattern).getwidth()[0] >= 16 for each in one), one
    assert all(may_hold_secret(command) for command, _ in SECRETS.values() if find_spans(plain(command)))
    assert not may_hold_secret("git commit -am 'Fix it'")
    assert not may_hold_secret("make test")


def test_a_long_text_is_cut_between_words() -> None:
    assert cut("x" * MAX_CHARS) == "x" * MAX_CHARS
    text = "word " * MAX_CHARS
    assert cut(text).endswith("word")
    assert MAX_CHARS - 5 <= len(cut(text)) <= MAX_CHARS


def test_no_half_of_a_secret_is_left_at_the_cut() -> None:
    text = "x " * (MAX_CHARS // 2 - 10) + GITHUB
    assert "ghp_" not in filtered(text)
    assert "ghp_" not in filtered("x" * (MAX_CHARS - 20) + GITHUB), "in one long word"
