"""A certified OpenID provider (npm's `oidc-provider`) as a process on loopback, which tests control while it runs."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import urllib3
from tests.support.service import free_port

SOURCES: Final = Path(__file__).parent
START_S: Final = 60.0
INSTALL: Final = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")

SECOND_FACTOR: Final = "urn:test:second-factor"
"""The `acr` of a sign-in with the code of a second factor. Without one it is `urn:test:password`."""

CLIENTS: Final = {"RS256": "satchel", "ES256": "satchel-es256", "EdDSA": "satchel-eddsa"}
"""Public native clients with the redirect `http://127.0.0.1/callback` on any port, by the algorithm of their tokens."""

ANOTHER_APP: Final = "another-app"
"""Another public client of the same issuer: its ID tokens are not for satchel."""

SECRET_CLIENT: Final = ("satchel-secret", "published")
"""A client whose token requests need this client secret."""

RESOURCE: Final = "urn:test:resource"
"""With `resource` set to it, the access token is a signed JWT."""


def install_provider(folder: Path) -> Path:
    """Install the pinned packages of the provider in a folder outside of the checkout and return the folder."""
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "server.mjs"):
        shutil.copy(SOURCES / name, folder)
    environ = {**os.environ, "CI": "1"}
    subprocess.run(INSTALL, cwd=folder, check=True, capture_output=True, timeout=240, env=environ)
    return folder


class Issuer:
    """One issuer. `url` is its exact name: its loopback address, or `name` where a proxy with TLS is in front.

    `reset` returns to the right clock and the default behaviour.
    """

    def __init__(self, folder: Path, name: str | None = None) -> None:
        self._folder = folder
        self._name = name
        self._port = free_port()
        self._log = folder.with_name(f"{folder.name}-{self._port}.log")
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"http://127.0.0.1:{self._port}"
        self.url = name or self.address

    def start(self) -> Self:
        """Start the provider and return once it responds."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["node", "server.mjs", str(self._port), *([self._name] if self._name else [])],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                env={**os.environ, "NODE_NO_WARNINGS": "1"},
            )
        deadline = time.monotonic() + START_S
        while not self._responds():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the provider did not start: {self._log.read_text()}")
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        """Stop the provider. It forgets its keys, sessions and tokens."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def set_clock(self, offset_s: int) -> None:
        """Date everything from now on by an offset from the true time."""
        self._administer("clock", offset_s=offset_s)

    def rotate_keys(self, *, keep_old: bool = False) -> None:
        """Sign with new keys from now on, and publish the old ones too if asked for."""
        self._administer("rotate", keeps_old=keep_old)

    def change_metadata(self, **members: object) -> None:
        """Change members of the metadata; None removes one."""
        self._administer("settings", metadata=members)

    def change_token_response(self, **members: object) -> None:
        """Change members of every answer with an ID token; None removes one."""
        self._administer("settings", tokenResponse=members)

    def fail(self, failures: Mapping[str, int | str]) -> None:
        """Answer paths such as `/jwks` with a status, or never with `hang`."""
        self._administer("settings", failures=dict(failures))

    def drop_iss(self) -> None:
        """Leave `iss` (RFC 9207) out of authorization responses, while the metadata announces it."""
        self._administer("settings", dropsIss=True)

    def ignore_max_age(self) -> None:
        """Do not ask again where `max_age` requires it, as some issuers do."""
        self._administer("settings", ignoresMaxAge=True)

    def skip_second_factor(self) -> None:
        """Let people in without a second factor although the request asks for one."""
        self._administer("settings", skipsSecondFactor=True)

    def deny_with(self, description: str) -> None:
        """Set the description of the error when a person cancels."""
        self._administer("settings", denial=description)

    def set_device_flow(self, *, interval_s: int = 1, lifetime_s: int = 600) -> None:
        """Set how often devices may ask, and how long their codes live."""
        self._administer("settings", deviceInterval=interval_s, deviceCodeSeconds=lifetime_s)

    def drop_device_nonce(self) -> None:
        """Leave the nonce out of the ID tokens of the device flow, as many issuers do."""
        self._administer("settings", dropsDeviceNonce=True)

    def reset(self) -> None:
        """Return to the right clock and the default behaviour, and forget the list of requests."""
        self._administer("reset")

    def requests(self) -> list[str]:
        """Return the method and path of every request since the start or the last reset."""
        found: list[str] = self._administer("requests")["requests"]
        return found

    def metadata(self) -> dict[str, Any]:
        """Return the provider's metadata."""
        found: dict[str, Any] = json.loads(
            urllib3.request("GET", f"{self.url}/.well-known/openid-configuration", retries=False).data
        )
        return found

    def _administer(self, what: str, **body: object) -> dict[str, Any]:
        answer = urllib3.request(
            "POST", f"{self.address}/test/{what}", json=body, retries=False, timeout=20.0
        )
        assert answer.status == 200, answer.data
        found: dict[str, Any] = answer.json()
        return found

    def _responds(self) -> bool:
        try:
            self._administer("requests")
        except urllib3.exceptions.HTTPError:
            return False
        return True

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
