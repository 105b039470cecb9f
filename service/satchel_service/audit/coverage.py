"""What the audit log says about each operation that changes something: its events, or why it has none."""

from collections.abc import Mapping
from typing import Final

from satchel_wire.audit import Event
from satchel_wire.problems import ProblemCode

EVENTS: Final[Mapping[str, tuple[Event, ...]]] = {
    "pair": (Event.DEVICE_PAIRED, Event.OPERATOR_CODE_USED, Event.DEVICE_REVOKED),
    "create_pairing": (Event.CODE_MADE,),
    "revoke_device": (Event.DEVICE_REVOKED,),
    "sign_in": (Event.SIGNED_IN, Event.OWNER_SET, Event.OPERATOR_CODE_USED, Event.DEVICE_REVOKED),
    "step_up": (Event.SIGN_IN_RENEWED, Event.OWNER_SET, Event.OPERATOR_CODE_USED, Event.DEVICE_REVOKED),
    "set_owner": (Event.OWNER_SET,),
    "commit_backup": (Event.BACKUP_COMMITTED, Event.BACKUP_UNDELETED, Event.BACKUP_PRUNED),
    "change_backup": (Event.BACKUP_CHANGED,),
    "delete_backup": (Event.BACKUP_DELETED,),
    "undelete_backup": (Event.BACKUP_UNDELETED,),
    "erase_backups": (Event.BACKUP_ERASED, Event.OPERATOR_CODE_USED),
    "set_retention": (Event.RETENTION_SET, Event.BACKUP_PRUNED, Event.BACKUP_KEPT),
    "publish_share": (Event.SHARE_PUBLISHED,),
    "change_share": (Event.SHARE_CHANGED,),
    "revoke_share": (Event.SHARE_REVOKED,),
    "rearm_share": (Event.SHARE_REARMED,),
    "open_share": (Event.SHARE_OPENED,),
    "report_share": (Event.SHARE_REPORTED,),
    "make_request": (Event.REQUEST_MADE,),
    "revoke_request": (Event.REQUEST_REVOKED,),
    "send_answer": (Event.ANSWER_RECEIVED,),
    "delete_answer": (Event.ANSWER_TAKEN,),
    "erase_cloud": (Event.CLOUD_ERASED, Event.OPERATOR_CODE_USED),
}

WITHOUT_EVENT: Final[Mapping[str, str]] = {
    "announce_upload": "part of a backup or a share, which is recorded when it is committed or published",
    "abort_upload": "ends an upload that no backup or share has taken",
    "put_part": "part of an upload",
    "complete_upload": "part of an upload",
    "preview_retention": "changes nothing",
    "open_request": "changes nothing",
    "create_nonce": "a nonce changes nothing until a sign-in uses it",
    "erase_cloud_without_code": "always refused; counted as a wrong code",
}

REFUSALS: Final[Mapping[ProblemCode, Event]] = {
    ProblemCode.WRONG_CODE: Event.WRONG_CODE,
    ProblemCode.WRONG_SIGN_IN: Event.WRONG_SIGN_IN,
    ProblemCode.NOT_OWNER: Event.NOT_OWNER,
    ProblemCode.SECOND_FACTOR: Event.NO_SECOND_FACTOR,
    ProblemCode.FRESH_SIGN_IN: Event.NO_FRESH_SIGN_IN,
    ProblemCode.WRONG_PROOF: Event.WRONG_PROOF,
    ProblemCode.TOO_MANY: Event.TOO_MANY_ATTEMPTS,
}
"""The problems that are counted, whatever operation returned them. Tokens are counted where they are checked."""
