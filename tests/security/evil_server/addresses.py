"""Addresses that a cloud may give for the parts of an upload."""

from dataclasses import dataclass
from typing import Final

REFUSED: Final = frozenset({4})
UNREACHED: Final = frozenset({6})


@dataclass(frozen=True)
class Address:
    """An address, with `{own}` and `{other}` for the hosts of the cloud and of another origin.

    `is_reached`: a part, without a token, may go there.
    """

    name: str
    url: str
    codes: frozenset[int] = REFUSED
    is_reached: bool = False


ADDRESSES: Final = (
    Address("another origin", "http://{other}/part", frozenset({1}), is_reached=True),
    Address("another origin with a query", "http://{other}/part?a=b#c", frozenset({1}), is_reached=True),
    Address("another origin in capitals", "HTTP://{other}/part", frozenset({1}), is_reached=True),
    Address("another origin without a scheme", "//{other}/part", frozenset({3, 6})),
    Address("a path of the same cloud", "/v1/devices", frozenset({1, 6})),
    Address("a path out of the cloud", "/../../{other}/part", frozenset({3, 6})),
    Address("a path with an at sign", "/@{other}/part", frozenset({3, 6})),
    Address("a path with line feeds", "/v1\r\nX-Evil: 1\r\n\r\n", frozenset({1, 3, 6})),
    Address("the cloud as a user name", "http://{own}@{other}/part"),
    Address("a user name and a password", "http://user:password@{other}/part"),
    Address("a backslash", "http://{other}\\@{own}/part"),
    Address("a question mark in the host", "http://{other}?@{own}/part"),
    Address("a fragment in the host", "http://{other}#@{own}/part"),
    Address("a line feed in the host", "http://{other}\r\nHost: evil/part"),
    Address("a space in the host", "http://{other} /part"),
    Address("a name that is not ASCII", "http://\u0435vil.example/part"),
    Address("a port of zero", "http://127.0.0.1:0/part"),
    Address("a port that is too large", "http://127.0.0.1:99999/part"),
    Address("no scheme", "{other}/part"),
    Address("a file", "file:///etc/passwd"),
    Address("FTP", "ftp://{other}/part"),
    Address("a script", "javascript:alert(1)"),
    Address("data", "data:text/plain,evil"),
    Address("a metadata service", "http://169.254.169.254/latest/"),
    Address("a metadata service as a number", "http://2852039166/latest/"),
    Address("a metadata service in hexadecimal", "http://0xa9fea9fe/latest/"),
    Address("a metadata service in octal", "http://0251.0376.0251.0376/latest/"),
    Address("a metadata service within IPv6", "http://[::ffff:169.254.169.254]/latest/"),
    Address("a metadata service behind NAT64", "http://[64:ff9b::a9fe:a9fe]/latest/"),
    Address("a link-local address", "http://[fe80::1]/part"),
    Address("every address", "http://0.0.0.0/part"),
    Address("multicast", "http://224.0.0.1/part"),
    Address("broadcast", "http://255.255.255.255/part"),
    Address("nothing listens there", "http://127.0.0.1:1/part", UNREACHED),
)
