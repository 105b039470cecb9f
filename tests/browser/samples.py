"""Sample Pieces: source code of the standard library, Markdown, images, several files, deceptive text."""

import difflib
import json
import struct
import zlib
from pathlib import Path
from typing import Final

from satchel.sharing.container import pack

PYTHON: Final = Path(difflib.__file__).read_text(encoding="utf-8")
MARKDOWN: Final = """\
# Deploying the service

Run it behind **TLS**; the page *needs* it. See [the guide](https://example.com/guide "Guide") or `make help`.

## Steps

1. Build the image
2. Start it:

   ```python
   def start(port: int = 8080) -> None:
       '''Serve until a signal ends it.'''
       server.run(port)
   ```

3. Check `/ready`

- [x] wildcard certificate
- [ ] backups of backups

> A share that was opened as often as allowed can be re-armed.

| setting | default |
|---|---|
| `PORT` | 8080 |
| `SATCHEL_STORAGE` | `file:/var/lib/satchel` |

<b onclick="pwned()">markup stays text</b> &amp; so do &lt;references&gt;.

![a picture](https://example.com/tracker.png)
"""
TROJAN: Final = (
    "is_admin = False\n"
    "# check access \u202e\u2066 if is_admin: \u2069\u2066 begin admins only\n"
    "zero\u200bwidth = True\n"
    "bell = '\x07'\n"
)


def png(width: int = 640, height: int = 360) -> bytes:
    """Return an image of two gradients."""
    rows = b"".join(
        b"\0" + b"".join(bytes((60 + x * 180 // width, 90 + y * 120 // height, 140)) for x in range(width))
        for y in range(height)
    )
    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def document(**fields: object) -> dict[str, object]:
    """Return a valid `piece.json`, with the given fields replaced."""
    return {
        "format": "satchel-share/1",
        "title": "a Piece",
        "description": "",
        "language": "",
        "media_type": "text/plain",
        "tags": [],
        "links": [],
        "shared": "2026-03-01T12:00:00Z",
        **fields,
    }


def zip_of(content: bytes, piece: dict[str, object]) -> bytes:
    """Return the zip of a share with any `piece.json`."""
    return pack(content, json.dumps(piece).encode())


def several_files(*files: tuple[str, str, bytes], **fields: object) -> bytes:
    """Return the zip of a share of several files (name, language, content); the first is the main content."""
    (_, language, content), *more = files
    listed = [{"name": name, "language": kind, "media_type": ""} for name, kind, _ in more]
    of_several = {"format": "satchel-share/2", "name": files[0][0], "files": listed}
    piece = document(**{"title": files[0][0], "language": language, **of_several, **fields})
    return pack(content, json.dumps(piece).encode(), [data for _, _, data in more])
