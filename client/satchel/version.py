"""The version of satchel, where asking the installed distribution would cost 50 ms; a test compares them."""

from typing import Final

VERSION: Final = "0.1.0"
