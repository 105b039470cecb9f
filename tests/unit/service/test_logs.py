"""The log: one JSON object an entry, errors by their place and not by what they quote."""

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


def test_what_is_less_serious_than_the_level_is_left_out(stream: BytesIO) -> None:
    log = JsonLog(stream, "warning", lambda: NOW)
    for level in ("debug", "info", "warning", "error"):
        log.write(level, level)
    assert [entry["level"] for entry in entries(stream)] == ["warning", "error"]


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause  # noqa: TRY301  it is what the test asks for
    except BaseException as exc:  # noqa: BLE001  whatever the test raises
        return exc


def test_an_error_is_told_by_type_and_place_without_its_message() -> None:
    fields = error_fields(raised(ValueError("quotes a token"), raised(KeyError("quotes a proof"))))
    assert fields["error"] == "ValueError"
    assert str(fields["at"]).startswith("['test_logs.py:")
    assert fields["cause"] == {"error": "KeyError", "at": fields["cause"]["at"]}  # type: ignore[index]
    assert "quotes" not in json.dumps(fields)


def test_an_error_of_the_system_is_told_with_its_reason_and_without_the_file() -> None:
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


def test_what_gunicorn_does_not_catch_is_an_entry_too(
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
