"""The JOSE library is imported at the first sign-in, never at the start and not for other requests."""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[4]

REQUESTS = """
    import io, json, os, sys, time
    from datetime import UTC, datetime
    from pathlib import Path
    sys.path.insert(0, {root!r})
    from tests.support.asgi import Call, Loopback
    from satchel_service.database import Database
    from satchel_service.environment import Environment
    from satchel_service.logs import JsonLog
    from satchel_service.server.app import make_app
    from satchel_service.settings import Settings
    from satchel_service.storage.directory import DirectoryStorage

    folder = Path(sys.argv[1])
    settings = Settings.read({{
        "SATCHEL_STORAGE": f"file:{{folder}}", "SATCHEL_DATABASE_DIR": str(folder / "local"),
        "SATCHEL_OIDC_ISSUER": "http://127.0.0.1:9", "SATCHEL_OIDC_CLIENT_ID": "satchel",
    }})
    environment = Environment(
        settings, Database(), DirectoryStorage(folder, os.urandom), lambda: time.time_ns() // 1_000_000, os.urandom
    )
    errors, sys.stderr = sys.stderr, io.StringIO()
    WATCHED = ("joserfc", "cryptography", "satchel_service.tokens", "urllib3")
    loaded = lambda: sorted(name for name in WATCHED if name in sys.modules)
    found = {{}}
    with Loopback(make_app(environment, JsonLog(io.BytesIO(), "info", lambda: datetime.now(UTC)), lambda: None)) as app:
        found["started"] = loaded()
        code = sys.stderr.getvalue().split()[2]
        json_type = {{"Content-Type": "application/json"}}
        def call(method, path, message=None, token=""):
            headers = {{**({{"Authorization": f"Bearer {{token}}"}} if token else {{}}), **json_type}}
            return app.call(Call(method, path, headers, [json.dumps(message).encode()] if message is not None else []))
        token = call("POST", "/v1/pair", {{"code": code}}).json()["token"]
        for path in ("/live", "/ready", "/v1/status", "/v1/devices", "/v1/backups", "/v1/shares", "/v1/audit"):
            assert call("GET", path, token=token).status == 200, path
        found["used"] = loaded()
        assert call("GET", "/v1/sign-in").status == 200
        assert call("GET", "/v1/account", token=token).status == 200
        assert call("POST", "/v1/pairings", token=token).status == 403
        nonce = call("POST", "/v1/sign-in/nonce").json()["nonce"]
        assert call("POST", "/v1/sign-in", {{"id_token": "a.b.c", "nonce": nonce}}).status == 403
        found["refused"] = loaded()
    print(json.dumps(found))
"""


def test_only_a_sign_in_with_a_plausible_token_loads_the_library(tmp_path: Path) -> None:
    code = dedent(REQUESTS).format(root=str(ROOT))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "started": [],
        "used": [],
        "refused": ["satchel_service.tokens"],
    }


def test_the_module_that_verifies_loads_it() -> None:
    """Otherwise the test above could not fail."""
    code = "import sys, satchel_service.tokens.signatures; print('joserfc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"True\n"


def test_a_cloud_with_an_issuer_does_not_start_without_the_library(tmp_path: Path) -> None:
    settings = {"SATCHEL_OIDC_ISSUER": "https://issuer.example.com", "SATCHEL_OIDC_CLIENT_ID": "satchel"}
    code = (
        "import sys; sys.modules['joserfc'] = None; from satchel_service.main import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **settings, "SATCHEL_STORAGE": f"file:{tmp_path}", "PORT": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "the package 'joserfc' is missing" in done.stderr
    assert "hint: install it with its extra" in done.stderr
