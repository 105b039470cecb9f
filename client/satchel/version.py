"""The version of satchel. Reading it from the installed distribution would take 50 ms; a test compares both."""

from typing import Final

VERSION: Final = "0.1.0"
