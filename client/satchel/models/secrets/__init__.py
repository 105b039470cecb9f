"""Finds secrets in texts: tokens of some 360 providers, private keys, passwords, recovery phrases, random values.

    for secret in scan(content):
        print(secret.line, secret.what, secret.redacted)   # never secret.value

scan, scan_text     the secrets of content or of a text
find_spans          where they are
candidates_of       everything that may be a secret; the places may overlap
Secret              the rule, the kind in words, the line, the confidence; the value is in no text of it

`formats.txt` is the table of published formats. A line with the comment `satchel:allow` is skipped. The model needs
no packages and opens no file but its own.
"""

from satchel.models.secrets.found import Secret
from satchel.models.secrets.scanning import candidates_of, find_spans, scan, scan_text

__all__ = ["Secret", "candidates_of", "find_spans", "scan", "scan_text"]
