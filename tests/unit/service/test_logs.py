"""Logging: one JSON object per entry, and errors without messages that could quote a request."""

import json
import logging
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]

from satchel_service.logs import JsonHandler, JsonLog, ServerLog, error_fields

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC)


@pytest.fixture
def stream() -> BytesIO:
    return BytesIO()


def entries(stream: BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_entry_is_one_line_with_time_level_and_event(stream: BytesIO) -> None:
    JsonLog(stream, "info", lambda: NOW).write("warning", "something", text="two\nlines", number=7)
    assert stream.getvalue().count(b"\n") == 1
    assert entries(stream) == [
        {
            "time": "2026-01-02T03:04:05.678+00:00",
            "level": "warning",
            "event": "something",
            "text": "two\nlines",
            "number": 7,
        }
    ]


def test_entries_below_the_level_are_omitted(stream: BytesIO) -> None:
    log = JsonLog(stream, "warning", lambda: NOW)
    for level in ("debug", "info", "warning", "error"):
        log.write(level, level)
    assert [entry["level"] for entry in entries(stream)] == ["warning", "error"]


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause  # noqa: TRY301  the test needs a raised error
    except BaseException as exc:  # noqa: BLE001  any error of the test
        return exc


def test_an_error_is_logged_with_type_and_traceback_without_its_message() -> None:
    fields = error_fields(raised(ValueError("quotes a token"), raised(KeyError("quotes a proof"))))
    assert fields["error"] == "ValueError"
    assert str(fields["at"]).startswith("['test_logs.py:")
    assert fields["cause"] == {"error": "KeyError", "at": fields["cause"]["at"]}  # type: ignore[index]
    assert "quotes" not in json.dumps(fields)


def test_a_system_error_is_logged_with_its_reason_without_the_file_name() -> None:
    fields = error_fields(raised(OSError(28, "No space left on device", "/var/blobs/shares/0123.ab")))
    assert fields["reason"] == "No space left on device"
    assert "shares" not in json.dumps(fields)


@pytest.mark.parametrize(
    ("level", "written"),
    [(logging.CRITICAL, "error"), (logging.WARNING, "warning"), (logging.INFO, "info"), (5, "debug")],
)
def test_records_of_python_s_logging_become_entries(stream: BytesIO, level: int, written: str) -> None:
    handler = JsonHandler(JsonLog(stream, "debug", lambda: NOW))
    handler.emit(logging.LogRecord("gunicorn.error", level, "x.py", 1, "Booting %s", ("worker",), None))
    (entry,) = entries(stream)
    assert (entry["level"], entry["event"], entry["message"]) == (written, "server", "Booting worker")


def test_a_record_with_an_exception_does_not_quote_it(stream: BytesIO) -> None:
    error = raised(RuntimeError("quotes a secret"))
    handler = JsonHandler(JsonLog(stream, "debug", lambda: NOW))
    info = (RuntimeError, error, error.__traceback__)
    handler.emit(logging.LogRecord("gunicorn.error", logging.ERROR, "x.py", 1, "failed: %s", (error,), info))
    (entry,) = entries(stream)
    assert (entry["error"], entry["message"]) == ("RuntimeError", "unexpected failure")
    assert b"secret" not in stream.getvalue()


def test_errors_that_gunicorn_does_not_catch_are_logged(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("asyncio", "gunicorn.error", "gunicorn.access"):
        monkeypatch.setattr(logging.getLogger(name), "handlers", [])
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
    ServerLog(Config())
    error = raised(ValueError("quotes a header"))
    logging.getLogger("asyncio").error("Fatal error: %s", error, exc_info=error)
    out, err = capsysbinary.readouterr()
    assert json.loads(out)["error"] == "ValueError"
    assert b"quotes" not in out + err
