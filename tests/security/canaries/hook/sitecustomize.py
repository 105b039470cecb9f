"""Reports every process that runs Python, and every process that it starts, to the file that CANARY_PROCESSES names.

It is on the path of the programs that the tests start, and shows what other users of the computer could see of them.
"""

import json
import os
import sys

_PATH = os.environ.get("CANARY_PROCESSES", "")
_EVENTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system")


def _text(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, dict):
        return {_text(key): _text(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_text(each) for each in value]
    return str(value)


def _write(kind: str, arguments: object, environ: object) -> None:
    line = json.dumps({"kind": kind, "arguments": _text(arguments), "environ": _text(environ)}) + "\n"
    descriptor = os.open(_PATH, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line.encode("utf-8", "backslashreplace"))
    finally:
        os.close(descriptor)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event in _EVENTS:
        environ = next((each for each in arguments if hasattr(each, "keys")), None)
        _write(event, arguments, dict(os.environ) if environ is None else environ)


if _PATH:
    _write("python", sys.orig_argv, {})
    sys.addaudithook(_hook)
