"""nginx with one worker that serves a folder on loopback: how fast this machine sends bytes."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import urllib3

from bench.service.process import free_port

CONFIGURATION: Final = """
{user}worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{ access_log off; types {{ text/html html; text/javascript js; text/plain txt; }}
  default_type application/octet-stream; sendfile on; client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi; keepalive_requests 1000000;
  add_header Cross-Origin-Opener-Policy same-origin;
  server {{ listen 127.0.0.1:{port}; root {files}; }} }}
"""


@contextmanager
def serving(files: Path, folder: Path) -> Iterator[str]:
    """Serve `files` until the block ends and yield the address. nginx writes its own files to `folder`."""
    program = shutil.which("nginx")
    if program is None:
        raise RuntimeError("this benchmark needs nginx: apt install nginx-light")
    port = free_port()
    user = (
        "user root; " if os.getuid() == 0 else ""
    )  # the owner of the folder; nginx would switch to a user that cannot read it
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, files=files, port=port, user=user))
    with subprocess.Popen([program, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL) as process:
        try:
            urllib3.request("GET", f"http://127.0.0.1:{port}/", retries=urllib3.Retry(8, backoff_factor=0.1))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
