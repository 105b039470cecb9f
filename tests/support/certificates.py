"""Self-signed certificates for servers of tests.

made = self_signed("localhost", "127.0.0.1")
made.write_pair(folder)       # fullchain.pem and privkey.pem, as a proxy wants them
made.write_bundle(path)       # both in one file, as `SSLContext.load_cert_chain` takes them
"""

import datetime as dt
import ipaddress
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DAY: Final = dt.timedelta(days=1)
CHAIN: Final = "fullchain.pem"
KEY: Final = "privkey.pem"


class Certificate(NamedTuple):
    """A certificate and its private key, in PEM."""

    chain: bytes
    key: bytes

    def write_pair(self, folder: Path) -> Path:
        """Write both files into an existing folder, and return the folder."""
        (folder / CHAIN).write_bytes(self.chain)
        (folder / KEY).write_bytes(self.key)
        return folder

    def write_bundle(self, path: Path) -> Path:
        """Write one file with both, and return its path."""
        path.write_bytes(self.chain + self.key)
        return path


def self_signed(*names: str, begins: dt.timedelta = -DAY, ends: dt.timedelta = DAY) -> Certificate:
    """Return a certificate for host names and IP addresses, valid between two moments from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.SubjectAlternativeName([general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Certificate(
        made.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )


def general_name(name: str) -> x509.GeneralName:
    """Return an IP address or a host name for a certificate."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
