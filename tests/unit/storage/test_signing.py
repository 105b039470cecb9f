"""Signatures match the examples in Amazon's documentation, and botocore's signer for everything else."""

import hashlib
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from satchel_service.storage.s3_signing import Credentials, Signer, canonical_path, canonical_query

EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
NOW = datetime(2013, 5, 24, tzinfo=UTC)
HOST = "examplebucket.s3.amazonaws.com"
EMPTY = hashlib.sha256(b"").hexdigest()


class Example(NamedTuple):
    """An example from the documentation with its signature."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    payload: bytes
    signature: str


EXAMPLES = {
    "get-object": Example(
        "GET",
        "/test.txt",
        [],
        {"Range": "bytes=0-9"},
        b"",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    "put-object": Example(
        "PUT",
        "/test$file.text",
        [],
        {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
        b"Welcome to Amazon S3.",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    "get-lifecycle": Example(
        "GET",
        "/",
        [("lifecycle", "")],
        {},
        b"",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
    "list": Example(
        "GET",
        "/",
        [("max-keys", "2"), ("prefix", "J")],
        {},
        b"",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_documented_examples_have_the_documented_signatures(name: str) -> None:
    example = EXAMPLES[name]
    payload_sha256 = hashlib.sha256(example.payload).hexdigest()
    headers = {"Host": HOST, **example.headers}
    signer = Signer(EXAMPLE, "us-east-1", NOW.timestamp())
    signed = signer.headers(example.method, example.path, example.query, headers, payload_sha256)
    assert signed["authorization"].endswith(f"Signature={example.signature}")


def test_the_documented_presigned_url_has_the_documented_signature() -> None:
    target = Signer(EXAMPLE, "us-east-1", NOW.timestamp()).target(
        "GET", "/test.txt", [], {"Host": HOST}, 86_400
    )
    assert target.startswith("/test.txt?")
    assert target.endswith("=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


words = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"<>\\^`{}|'), min_size=1
)
tokens = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20)


@settings(deadline=None)
@given(
    name=st.from_regex(r"[A-Za-z0-9._/-]{1,40}", fullmatch=True),
    query=st.dictionaries(tokens, words, max_size=4),
    token=st.sampled_from(["", "FwoGZXIvYXdzEBY+/=="]),
    region=st.sampled_from(["us-east-1", "auto", "eu-central-1"]),
)
def test_presigned_urls_equal_botocore_s(name: str, query: dict[str, str], token: str, region: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    ours = Signer(Credentials("AKID", "secret", token), region, now.timestamp())
    path = f"/bucket/{name}"
    headers = {"host": "s3.example.org:9000", "content-length": "77"}
    target = ours.target("PUT", path, list(query.items()), headers, 600)
    url = f"http://s3.example.org:9000{canonical_path(path)}"
    url += f"?{canonical_query(list(query.items()))}" if query else ""
    request = AWSRequest("PUT", url, headers={"content-length": "77"})
    theirs = S3SigV4QueryAuth(BotoCredentials("AKID", "secret", token or None), "s3", region, expires=600)
    sign_at(theirs, request, now)
    assert sorted(parse_qsl(urlsplit(target).query)) == sorted(parse_qsl(urlsplit(str(request.url)).query))


def sign_at(auth: S3SigV4QueryAuth, request: AWSRequest, now: datetime) -> None:
    """Sign with botocore at a given time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.auth.get_current_datetime", lambda *_, **__: now.replace(tzinfo=None))
        auth.add_auth(request)


def test_the_token_of_temporary_credentials_is_signed() -> None:
    signed = Signer(Credentials("AKID", "secret", "the-token"), "auto", NOW.timestamp()).headers(
        "GET", "/", [], {"Host": HOST}, EMPTY
    )
    assert signed["x-amz-security-token"] == "the-token"
    assert "x-amz-security-token" in signed["authorization"]


def test_credentials_do_not_show_their_secrets() -> None:
    shown = repr(Signer(Credentials("AKID", "hunter2", "token3"), "auto", NOW.timestamp()))
    assert "hunter2" not in shown
    assert "token3" not in shown
