"""The service account of a cloud, whose description records the owner and whether the removal has begun."""

import re
from dataclasses import dataclass
from typing import Final

from satchel_infra.names import Owner

PATTERN: Final = re.compile(r"satchel cloud; owner ([a-z2-7]{52}); shard ([a-z0-9-]{1,20})(; being removed)?")


@dataclass(frozen=True, slots=True)
class Account:
    """The service account of a cloud. `uid` never stands for a later account of the same name."""

    owner: Owner
    shard_id: str
    is_removing: bool = False
    uid: str = ""

    @property
    def description(self) -> str:
        """The text that IAM stores."""
        return f"satchel cloud; owner {self.owner.tag}; shard {self.shard_id}" + (
            "; being removed" if self.is_removing else ""
        )


def parse_description(text: str, uid: str) -> Account | None:
    """Return the account of a cloud by its description; None for any other account."""
    match = PATTERN.fullmatch(text)
    if match is None:
        return None
    return Account(Owner(match[1]), match[2], is_removing=match[3] is not None, uid=uid)
