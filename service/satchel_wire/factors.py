"""Whether a sign-in used a second factor, by what the issuer says about it. The cloud decides; a device shows the same."""

from collections.abc import Collection, Iterable
from typing import Final

MULTIPLE: Final = "mfa"
KINDS: Final = {
    "knowledge": frozenset({"pwd", "pin", "kba"}),
    "possession": frozenset({"otp", "sms", "tel", "hwk", "swk", "sc", "pop"}),
    "inherence": frozenset({"face", "fpt", "iris", "retina", "vbm"}),
}
"""The values of `amr` (RFC 8176, section 2) by the kind of factor that they show.

`geo`, `rba`, `user`, `wia` and `mca` say how a sign-in was observed, and are no factor of their own.
"""


def has_second_factor(amr: Iterable[str], acr: str | None = None, accepted_acr: Collection[str] = ()) -> bool:
    """Return whether `amr` says so or shows two kinds of factors, or `acr` is one of those that the operator accepts."""
    methods = frozenset(amr)
    kinds = [kind for kind, values in KINDS.items() if values & methods]
    return MULTIPLE in methods or len(kinds) > 1 or (acr is not None and acr in accepted_acr)
