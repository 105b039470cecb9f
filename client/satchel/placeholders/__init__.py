"""Placeholders in commands: their syntax, and values quoted for the place where they stand.

ssh <user=root>@<host> tail -f <log:/var/log/syslog|/var/log/messages>

asked = placeholders_of(command)                          # user, host, log: each once
command = fill(command, {"user": "root", "host": "a b", "log": "/var/log/syslog"}, "posix")
"""

from satchel.placeholders.filling import Dialect, fill, refused_value
from satchel.placeholders.syntax import Placeholder, placeholders_of, written

__all__ = ["Dialect", "Placeholder", "fill", "placeholders_of", "refused_value", "written"]
