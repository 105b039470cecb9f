"""The page's age reader against the published vectors of the format, natively and with its fallbacks."""

import base64
import hashlib
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.reader import Reader

VECTORS: Final = Path(__file__).parents[1] / "vectors" / "age"
IDENTITY: Final = "AGE-SECRET-KEY-1"
ENTRY: Final = """
export { prepareIdentity, unseal } from "./src/share/age";
export { parseKey } from "./src/share/identity";
"""
# Resolves to the SHA-256 of the content in hex; null if the file is refused.
UNSEAL: Final = """async ([file, key]) => {
    try {
        const bytes = Uint8Array.from(atob(file), (character) => character.charCodeAt(0));
        const content = await age.unseal(bytes, await age.prepareIdentity(age.parseKey(key)));
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
        return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    } catch (error) {
        if (error.constructor.name === "ReferenceError") throw error;
        return null;
    }
}"""
WITHOUT_NATIVE: Final = """
const importKey = SubtleCrypto.prototype.importKey;
SubtleCrypto.prototype.importKey = function (format, data, algorithm, ...rest) {
    const isMissing = ["ChaCha20-Poly1305", "X25519"].includes(algorithm.name);
    return isMissing ? Promise.reject(new DOMException("", "NotSupportedError")) : importKey.call(this, format, data, algorithm, ...rest);
};"""


class Vector(NamedTuple):
    """A published vector: an age file, keys to try, and the digest of its content if it opens."""

    name: str
    file: bytes
    keys: list[str]
    content_sha256: str | None


def read_vector(path: Path) -> Vector:
    head, _, file = path.read_bytes().partition(b"\n\n")
    fields = [
        (name, value) for name, _, value in (line.partition(": ") for line in head.decode().splitlines())
    ]
    values = dict(fields)
    keys = [
        text.removeprefix(IDENTITY).lower()
        for name, text in fields
        if name == "identity" and text.startswith(IDENTITY)
    ]
    if values.get("armored") == "yes":
        keys = []  # shares are never armored
    if values.get("compressed") == "zlib":
        file = zlib.decompress(file)
    return Vector(path.name, file, keys, values["payload"] if values["expect"] == "success" else None)


APPLICABLE: Final = [vector for path in sorted(VECTORS.glob("[a-z]*")) if (vector := read_vector(path)).keys]


@pytest.fixture(scope="module", params=["native", "fallback"])
def page(request: pytest.FixtureRequest, node_modules: Path, chromium: Browser) -> Iterator[Page]:
    """A page with the age reader as `window.age`."""
    build = ["npx", "--no-install", "esbuild", "--bundle", "--format=iife", "--global-name=age"]
    bundle = subprocess.run(
        build,
        input=ENTRY.encode(),
        cwd=node_modules.parent / "service/page",
        check=True,
        capture_output=True,
        timeout=120,
    )
    with Reader.create(chromium) as reader:
        reader.page.route("http://localhost/", lambda route: route.fulfill(body="", content_type="text/html"))
        reader.page.goto("http://localhost/")
        if request.param == "fallback":
            reader.page.add_script_tag(content=WITHOUT_NATIVE)
        reader.page.add_script_tag(content=bundle.stdout.decode())
        yield reader.page


@pytest.mark.tool("node", "npm")
@pytest.mark.parametrize("vector", APPLICABLE, ids=lambda vector: vector.name)
def test_a_vector_opens_or_is_refused(page: Page, vector: Vector) -> None:
    file = base64.b64encode(vector.file).decode()
    digests = {page.evaluate(UNSEAL, [file, key]) for key in vector.keys}
    assert digests - {None} == ({vector.content_sha256} - {None})


def test_most_vectors_apply() -> None:
    assert len(APPLICABLE) > 60
    assert hashlib.sha256(b"").hexdigest() in {vector.content_sha256 for vector in APPLICABLE}
