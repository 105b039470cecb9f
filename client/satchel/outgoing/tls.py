"""TLS settings, and a check of the files that SSL_CERT_FILE and SSL_CERT_DIR name.

OpenSSL ignores a file that is missing or unreadable, and then trusts nothing; every certificate looks wrong.
"""

import os
import ssl
from dataclasses import dataclass
from pathlib import Path

from satchel.errors import UsageError


@dataclass(frozen=True, slots=True)
class Trust:
    """The values of SSL_CERT_FILE and SSL_CERT_DIR, which replace the system's certificate authorities."""

    file: Path | None = None
    directory: Path | None = None


def tls_context(trust: Trust) -> ssl.SSLContext:
    """Return a context for TLS 1.2 or newer that verifies certificates and names.

    Raise UsageError if SSL_CERT_FILE or SSL_CERT_DIR is of no use. Unlike urllib3's default context, it never writes
    an SSLKEYLOGFILE.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    if trust.file is not None:
        _load(context, trust.file)
    if trust.directory is not None:
        _check_directories(trust.directory)
    return context


def _load(context: ssl.SSLContext, file: Path) -> None:
    """Load a file of certificates; OpenSSL's default loading tells nothing about errors."""
    name = f"SSL_CERT_FILE names {str(file)!r}"
    hint = "correct the path, or unset SSL_CERT_FILE to trust the system's certificate authorities"
    try:
        if not file.is_file():
            raise UsageError(f"{name}, which is not a file", hint=hint)
        context.load_verify_locations(file)
    except ssl.SSLError as exc:
        raise UsageError(f"{name}, which contains no readable certificate", hint=hint) from exc
    except OSError as exc:
        raise UsageError(
            f"{name}, which cannot be read: {(exc.strerror or 'unknown').lower()}", hint=hint
        ) from exc


def _check_directories(directories: Path) -> None:
    """Require one readable directory: as PATH, the variable may list several."""
    for each in str(directories).split(os.pathsep):
        if Path(each).is_dir() and os.access(each, os.R_OK | os.X_OK):
            return
    raise UsageError(
        f"SSL_CERT_DIR names {str(directories)!r}, which is not a readable directory",
        hint="correct the path, or unset SSL_CERT_DIR",
    )
