"""Real reverse proxies in front of a cloud: nginx and Caddy, with the settings of the guide and short timeouts."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import urllib3
from tests.support.service import free_port
from tests.support.waiting import wait_until

GUIDE: Final = Path(__file__).resolve().parents[2] / "docs" / "guides" / "self-hosting.md"
NGINX: Final = """
{user}worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    log_format forwarded '$upstream_addr';
    access_log {folder}/access.log forwarded;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    keepalive_timeout 1s; client_header_timeout 3s; client_body_timeout 3s;
    upstream cloud {{ server 127.0.0.1:{upstream}; keepalive 4; }}
    server {{ listen 127.0.0.1:{port}; {settings} }}
}}
"""
CADDY: Final = """
{{
    admin off
    auto_https off
    servers {{
        timeouts {{
            read_header 3s
            read_body 3s
            idle 1s
        }}
    }}
}}
http://:{port} {{
    bind 127.0.0.1
    log {{
        output file {folder}/access.log
    }}
    reverse_proxy 127.0.0.1:{upstream}
}}
"""


class Proxy(NamedTuple):
    """A running proxy. `forwarded` returns how many requests it has sent to the cloud."""

    url: str
    forwarded: Callable[[], int]


@contextmanager
def nginx(folder: Path, upstream: int, *, is_buffering: bool) -> Iterator[Proxy]:
    """Run nginx with the location of the guide and a pool of connections, which a smuggled request would poison."""
    location = re.search(r"client_max_body_size.*?\n    }\n", GUIDE.read_text(), re.DOTALL)
    assert location is not None
    settings = location[0].replace("127.0.0.1:8080", "cloud")
    if is_buffering:
        settings = settings.replace("proxy_request_buffering off", "proxy_request_buffering on")
    port = free_port()
    user = "user root; " if os.getuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        NGINX.format(user=user, folder=folder, upstream=upstream, port=port, settings=settings)
    )
    log = folder / "access.log"

    def forwarded() -> int:
        lines = [line for line in log.read_text().splitlines() if line != "-"]
        return sum(len(line.split(", ")) for line in lines)

    with _running(["nginx", "-c", str(configuration)], folder, port):
        yield Proxy(f"http://127.0.0.1:{port}", forwarded)


@contextmanager
def caddy(folder: Path, upstream: int) -> Iterator[Proxy]:
    """Run Caddy with the site of the guide."""
    port = free_port()
    configuration = folder / "Caddyfile"
    configuration.write_text(CADDY.format(folder=folder, upstream=upstream, port=port))
    log = folder / "access.log"
    environ = {
        **os.environ,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(configuration)]
    with _running(command, folder, port, environ):
        yield Proxy(f"http://127.0.0.1:{port}", lambda: len(log.read_text().splitlines()))


@contextmanager
def _running(
    command: list[str], folder: Path, port: int, environ: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a proxy until the block ends."""
    program = shutil.which(command[0])
    assert program is not None

    def answers() -> bool:
        assert process.poll() is None, (folder / "output").read_text()
        try:
            urllib3.request("GET", f"http://127.0.0.1:{port}/live", retries=False, timeout=5.0)
        except urllib3.exceptions.HTTPError:
            return False
        return True

    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen(
            [program, *command[1:]], env=environ, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            wait_until(answers)
            yield
        finally:
            process.terminate()
