"""Comments without their signs."""

import re
from typing import Final

MAX_DOC_CHARS: Final = 4_000
_START: Final = re.compile(r"""^\s*(?:/\*[*!]*|//[/!]*|\#+|--+\[*|[rRuUbB]{0,2}(?:\"{3}|'{3}|["']))\s?""")
_LINE: Final = re.compile(r"^\s*(?://[/!]*|\#+|--+|\*(?!/))\s?")
_END: Final = re.compile(r"""\s*(?:\*+/|\]\]|\"{3}|'{3}|["'])?\s*$""")


def plain(comment: str) -> str:
    """Return the text of a comment or docstring: without signs, indentation and blank ends."""
    text = comment[:MAX_DOC_CHARS]
    quoted = text.lstrip("rRuUbB ")[:1] in ("'", '"') if text else False
    body = _START.sub("", text, count=1)
    if quoted or text.lstrip().startswith(("/*", "--[")):
        body = _END.sub("", body[-MAX_DOC_CHARS:], count=1) if len(body) < 200 else _stripped_end(body)
    sign = None if quoted else _LINE
    lines = (sign.sub("", line, count=1) if sign else line.strip() for line in body.splitlines())
    return "\n".join(line.rstrip() for line in lines).strip()


def _stripped_end(body: str) -> str:
    """Strip the end of a long comment: only its last characters are matched."""
    return body[:-20] + _END.sub("", body[-20:], count=1)
