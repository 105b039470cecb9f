"""Secrets in command lines, by what stands before them: options, variables, headers, addresses.

    spans_of_command("mysql -u ann -phunter2")       # [(15, 22)]

The model for Pieces finds values that look like secrets; here even a short word counts, because a program takes it
for a password. A variable (`$TOKEN`), a command in its place, or the name of a file is no secret.
"""

import re
from collections.abc import Iterator
from typing import Final

_WORD: Final = r"(?:pass(?:wd|word|phrase|code)?|pwd|secrets?|tokens?|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key|auth[-_]?key|account[-_]?key|client[-_]?secret|credentials?|bearer|auth)"
# What an option or variable with such a name holds if it is no secret.
_TAIL: Final = r"(?![-_]?(?:files?|path|dir|stdin|command|cmd|url|uri|name|id|type|prompt|store|env|from|policy|length|helper|agent|socket|method|mode|provider|fd)\b)"
# A quoted value, or a word of the shell; no variable and no command in its place.
_VALUE: Final = r"(?P<quote>[\"']?)(?P<secret>(?![$`@<-])(?:(?<=\")(?:[^\"\\]|\\.)+|(?<=')[^']+|(?:[^\s\"'\\;|&<>()]|\\.)+))"

_RULES: Final = (
    # --password hunter2, --api-key=hunter2, -password hunter2
    rf"(?<![\w-])--?(?:[a-z0-9]+[-_.])*{_WORD}{_TAIL}(?:[-_][a-z0-9]+)*(?:=|\s+){_VALUE}",
    # DB_PASSWORD=hunter2, set -x TOKEN hunter2
    rf"(?<![\w$-])(?:[a-z0-9]+[_.-])*(?!(?:old)?pwd\b){_WORD}{_TAIL}(?:[_.-][a-z0-9]+)*=\s*{_VALUE}",
    rf"\bset\s+(?:-\w+\s+)+(?:[a-z0-9]+_)*{_WORD}{_TAIL}(?:_[a-z0-9]+)*\s+{_VALUE}",
    # 'Authorization: Bearer hunter2', X-Auth-Token:hunter2 and cookies
    r"\b(?:(?:proxy-)?authorization|cookie|x-[a-z-]*(?:token|key|auth|secret)[a-z-]*|private-token|api-?key)\s*:\s*(?:(?:bearer|basic|token|digest|apikey)\s+)?(?P<secret>(?![$`\s])[^\s\"'`]+(?:;\s*[^\s\"'`]+)*)",
    # a field of JSON
    rf"[\"'](?:\w+[-_.])*{_WORD}{_TAIL}(?:[-_]\w+)*\\?[\"']\s*:\s*\\?[\"'](?P<secret>(?!\$)[^\"'\\]+)",
    # https://ann:hunter2@example.org, and a token in place of the name
    r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"']*:(?P<secret>(?![$`])[^\s/@\"']+)@",
    r"\b[a-z][a-z0-9+.-]*://(?P<secret>(?![$`])[^\s/:@\"']{16,})@",
    rf"[?&;](?:\w+[-_.])*(?:{_WORD}|key|sig|signature|code){_TAIL}=(?P<secret>(?!\$)[^\s&#\"']+)",
    # curl -u ann:hunter2, smbclient -U ann%hunter2
    r"(?<![\w-])(?:-u|--user|--proxy-user|-U)[\s=]*[\"']?[^\s:%\"'/$]*[:%](?P<secret>(?![$`/]|\d+\b)[^\s\"']+)",
    # programs whose short option is a password
    rf"\b(?:mysql\w*|mariadb[\w-]*|mycli|7z[a-z]?)\b[^;|&\n]*?\s-p{_VALUE}",
    rf"\b(?:sshpass|docker\s+login|podman\s+login|helm\s+registry\s+login|mongo\w*|redli|pgcli|xfreerdp|rdesktop|cqlsh|sqlcmd|impacket\S*|evil-winrm|crackmapexec|netexec|nxc)\b[^;|&\n]*?\s-[pP]\s*{_VALUE}",
    rf"\b(?:zip|unzip|mosquitto_\w+|sqlcmd|bcp|isql|ipmitool)\b[^;|&\n]*?\s-P\s*{_VALUE}",
    rf"\b(?:redis-cli|keydb-cli|valkey-cli)\b[^;|&\n]*?\s-a\s+{_VALUE}",
    rf"\b(?:ldap\w+|kinit)\b[^;|&\n]*?\s-w\s+{_VALUE}",
    r"\b(?:pass|passin|passout)(?:\s+|=)[\"']?pass:(?P<secret>[^\s\"']+)",
    rf"\bhtpasswd\s+(?:-\w*b\w*)\s+\S+\s+\S+\s+{_VALUE}",
    rf"\bnet\s+user\s+\S+\s+{_VALUE}",
    rf"\b(?:identified\s+by|with\s+(?:encrypted\s+)?password|set\s+password\s*=)\s*{_VALUE}",
    # config set … password hunter2: aws configure set, git config, npm config set
    rf"\b(?:config(?:ure)?|set)\s+(?:set\s+)?(?:--?\w+\s+)*\S*{_WORD}{_TAIL}\s+{_VALUE}",
    # echo hunter2 | sudo -S …
    r"\b(?:echo|printf|print)\s+(?:-\w+\s+)*(?:[\"']%s(?:\\n)?[\"']\s+)?(?P<quote>[\"']?)(?P<secret>(?![$`-])[^|\n]+?)(?P=quote)\s*\|\s*(?=[^|\n]*(?:sudo\s[^|\n]*-\w*S|stdin|passw|-token|secret|cryptsetup|passphrase|login|auth\b|gpg|openssl|keyring|vault|age\b|pass\s+insert|base64))",
    r"\b(?:passwd|chpasswd|cryptsetup|login|auth|secret|sudo\s+-S)\b[^|;&\n]*<<<\s*(?P<quote>[\"']?)(?P<secret>(?![$`])[^\"'\n]+)",
)
_TELLING: Final = re.compile(
    r"pass|pwd|secret|token|key|cred|bearer|auth|cookie|identified|://|[?&]|\s-(?:[uUpPaw]|user)|--user|login|net\s+user"
    r"|stdin|sudo|gpg|openssl|vault|age|base64",
    re.IGNORECASE,
)


def spans_of_command(command: str) -> Iterator[tuple[int, int]]:
    """Yield where the secrets of a command line are; they may overlap."""
    if not _TELLING.search(command):
        return
    for rule in _RULES:
        for found in re.finditer(rule, command, re.IGNORECASE):
            yield found.span("secret")
