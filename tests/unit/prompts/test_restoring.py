"""Values go back into an answer, also in pieces, but never into a link that would carry them away."""

import pytest

from satchel.prompts import Filter

TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
PASSWORD = "S3cr3tPassw" + "0rd"
TEXT = f"curl https://api.corp.example/v1?t={TOKEN}\nann@example.com http://evil.corp.example/\n"
FILTERED = Filter().apply(TEXT)


def test_the_sample_is_as_the_tests_say() -> None:
    assert FILTERED.text == "curl https://<HOST_1>/v1?t=<SECRET_1>\n<EMAIL_1> http://<HOST_2>/\n"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 1_000])
def test_pieces_that_cut_a_placeholder_are_put_together(size: int) -> None:
    answer = (
        "Use `<SECRET_1>` (not <SECRET_2>, a < b) with <EMAIL_1>.\nSee https://<HOST_1>/v1?t=<SECRET_1> <SEC"
    )
    restorer = FILTERED.restorer()
    shown = (
        "".join(restorer.feed(answer[at : at + size]) for at in range(0, len(answer), size)) + restorer.end()
    )
    assert shown == FILTERED.restore(answer)
    assert shown == (
        f"Use `{TOKEN}` (not <SECRET_2>, a < b) with ann@example.com.\nSee https://api.corp.example/v1?t={TOKEN} <SEC"
    )


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/?q=<SECRET_1>",
        "https://<HOST_2>/?q=<SECRET_1>",
        "[x](https://evil.example/<SECRET_1>)",
        "https://evil.example/(<SECRET_1>",
        "https://evil.example/'<SECRET_1>",
        "https://<EMAIL_1>.evil.example/",
        "https://<HOST_1>.evil.example/",
        "https://<HOST_1>@evil.example/",
        "https://evil.example\\@<HOST_1>/<SECRET_1>",
        "www.evil.example/<SECRET_1>",
        "HTTPS://evil.example/#<SECRET_1>",
        "x<SECRET_1>https://evil.example/",
    ],
)
def test_a_link_of_the_answer_carries_no_value_away(link: str) -> None:
    restorer = FILTERED.restorer()
    shown = restorer.feed(f"See {link} now.") + restorer.end()
    for one in FILTERED.replaced:
        if one.kind != "host":
            assert one.value not in shown
    assert "api.corp.example" not in shown
    assert restorer.withheld


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://<HOST_1>/v1?t=<SECRET_1>", f"https://api.corp.example/v1?t={TOKEN}"),
        ("(https://<HOST_1>/v1?t=<SECRET_1>).", f"(https://api.corp.example/v1?t={TOKEN})."),
        ("http://<HOST_1>:8080/health", "http://api.corp.example:8080/health"),
        ("http://ann@<HOST_1>/", "http://ann@api.corp.example/"),
        ("https://example.com/ <SECRET_1>", f"https://example.com/ {TOKEN}"),
    ],
)
def test_links_of_the_texts_and_hosts_come_back(link: str, shown: str) -> None:
    assert FILTERED.restore(link) == shown


def test_a_word_without_an_end_is_shown_in_parts() -> None:
    restorer = FILTERED.restorer()
    shown = restorer.feed("x" * 200_000)
    assert len(shown) > 100_000
    assert len(shown + restorer.end()) == 200_000
    restorer = FILTERED.restorer()
    shown = (
        restorer.feed("https://evil.example/" + "x" * 200_000) + restorer.feed("<SECRET_1>") + restorer.end()
    )
    assert TOKEN not in shown
