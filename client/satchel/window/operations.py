"""Every operation that the page may ask of its server, and the command that does the same.

Each is a POST to `/api/NAME` with a JSON body, so that neither a text nor a word of a search is ever part of an address.
`raw` operations take or give bytes instead of JSON. An operation that gives a `Job` runs in the background.
"""

from typing import Final, NamedTuple

from satchel.window.messages import backups as b
from satchel.window.messages import drafts as d
from satchel.window.messages import pieces as p
from satchel.window.messages import records as r
from satchel.window.messages import requesting as rq
from satchel.window.messages import settings as s
from satchel.window.messages import sharing as sh
from satchel.window.messages import unsaved as u
from satchel.window.messages.base import Answer, Done, Nothing, Request
from satchel.window.messages.jobs import ByJob, Job, Jobs
from satchel.window.messages.session import Hello, ProofRequest, WindowProof


class Bytes(Answer, frozen=True, kw_only=True):
    """Stands for an answer that is bytes."""


class RawBody(Request, frozen=True, kw_only=True):
    """Stands for a request that is bytes."""


class Operation(NamedTuple):
    """An operation: its name, its messages, what it does, and the command that does the same, if there is one.

    `changes` marks those that write; in a home that cannot be written they fail. `sets` marks those that replace a
    value: the page sends them one after another, since the server may do the later one of two requests first.
    """

    name: str
    takes: type[Request]
    gives: type[Answer]
    summary: str
    command: str = ""
    changes: bool = False
    sets: bool = False


OPERATIONS: Final = (
    Operation("hello", Nothing, Hello, "What the page needs at its start", "satchel status --offline"),
    Operation("unlock", s.UnlockRequest, Done, "Open the keys with their passphrase"),
    Operation("job", ByJob, Job, "One job"),
    Operation("jobs", Nothing, Jobs, "All jobs of this window"),
    Operation("cancel_job", ByJob, Job, "Stop a job at its next step"),
    Operation("prove_window", ProofRequest, WindowProof, "Prove to the browser extension that this is a window of this home"),
    # -- find
    Operation("find", p.FindRequest, p.FindAnswer, "Find Pieces, or list them", "satchel search QUERY"),
    Operation("filters", Nothing, p.Filters, "The languages, tags and kinds of all Pieces", "satchel list --json"),
    # -- read and edit
    Operation("read_piece", p.ReadRequest, p.PieceView, "A whole Piece", "satchel show ID"),
    Operation("read_file", p.ReadFileRequest, Bytes, "The bytes of a file of a Piece", "satchel cat ID"),
    Operation("edit_piece", p.EditRequest, p.EditAnswer, "Edit a Piece", "satchel edit ID", changes=True),
    Operation("history", p.ReadRequest, p.Revisions, "All revisions of a Piece", "satchel history ID"),
    Operation("compare", p.CompareRequest, p.Comparison, "What differs between two revisions", "satchel history ID --diff N"),
    Operation("restore_revision", p.RestoreRevisionRequest, p.EditAnswer, "Make an earlier revision the current one", "satchel history ID --restore N", changes=True),
    Operation("remove_pieces", p.RemoveRequest, p.Removed, "Remove Pieces for good", "satchel rm ID", changes=True),
    Operation("suggest_tags", p.TagsRequest, p.Tags, "Tags to add"),
    Operation("similar", p.ByPiece, p.SimilarAnswer, "Pieces that resemble a Piece", "satchel similar ID"),
    Operation("related", p.ByPiece, p.RelatedAnswer, "Documentation and Pieces that go with a Piece", "satchel related ID"),
    Operation("suggestions", p.ByPiece, p.Suggestions, "What models suggest for a Piece", "satchel suggest ID --dry-run"),
    Operation("accept_suggestion", p.DecideRequest, p.EditAnswer, "Make a suggested value the owner's", "satchel edit ID", changes=True),
    Operation("refuse_suggestion", p.DecideRequest, p.EditAnswer, "Never use a suggested value again", "satchel suggest --refuse ID VALUE", changes=True),
    # -- put in
    Operation("upload", RawBody, d.Upload, "Send a file, for `add_piece`, `read_image` or an import"),
    Operation("add_piece", d.AddRequest, d.Added, "Add a Piece", "satchel save FILE", changes=True),
    Operation("propose", d.ProposeRequest, d.Proposal, "What models suggest for a text"),
    Operation("read_image", d.ReadImageRequest, d.ImageText, "The text in an image", "satchel read FILE"),
    Operation("import_kinds", Nothing, d.ImportKinds, "The formats that can be imported", "satchel import --help"),
    Operation("preview_import", d.ImportRequest, d.ImportPreview, "What an import would add"),
    Operation("start_import", d.ImportRequest, Job, "Import files or a folder", "satchel import SOURCE", changes=True),
    # -- what the page keeps in the home
    Operation("keep_draft", u.KeepDraftRequest, u.KeptDraft, "Keep what is in a form and not saved yet", changes=True),
    Operation("drop_draft", u.DraftVersion, Done, "Remove a draft that was saved or discarded", changes=True),
    Operation("drafts", Nothing, u.Drafts, "What was typed and is not saved"),
    Operation("read_draft", u.ByDraft, u.WholeDraft, "A whole draft"),
    Operation("set_preference", u.PreferenceRequest, Done, "Set a preference of the page", changes=True, sets=True),
    # -- share
    Operation("check_share", sh.ShareCheckRequest, sh.ShareCheck, "What to know before sharing", "satchel secrets ID"),
    Operation("publish_share", sh.ShareRequest, Job, "Publish a Piece behind a link", "satchel share ID"),
    Operation("shares", Nothing, sh.Shares, "All links, with their openings", "satchel shares"),
    Operation("share_link", sh.ByShare, sh.ShareLink, "A link again", "satchel shares link ID"),
    Operation("share_reports", sh.ByShare, sh.ShareReports, "What was reported about a link", "satchel shares reports ID"),
    Operation("update_share", sh.UpdateShareRequest, Job, "Show the current Piece under the same link", "satchel shares update ID"),
    Operation("rearm_share", sh.RearmShareRequest, sh.ShareView, "Let a link be opened again", "satchel shares rearm ID"),
    Operation("revoke_share", sh.ByShare, sh.Revoked, "Revoke a link at once", "satchel shares revoke ID"),
    # -- request
    Operation("requests", Nothing, rq.Requests, "All requests, with the answers that have arrived", "satchel requests"),
    Operation("make_request", rq.RequestToMake, rq.RequestMade, "Ask somebody for text or files by a link", "satchel request TEXT"),
    Operation("request_link", rq.ByRequest, rq.RequestLink, "The link of a request again", "satchel requests link ID"),
    Operation("take_answers", rq.TakeRequest, Job, "Keep answers as Pieces or files, and delete them from the cloud", "satchel requests take ID", changes=True),
    Operation("revoke_request", rq.ByRequest, rq.RequestRevoked, "Revoke the link of a request at once", "satchel requests revoke ID"),
    # -- back up
    Operation("protection", b.ProtectionRequest, b.Protection, "The state of the backups", "satchel status"),
    Operation("backups", Nothing, b.Backups, "The backups in the cloud", "satchel backups"),
    Operation("calendar", b.RetentionRequest, b.Calendar, "What the retention keeps, and what another would", "satchel backups prune --dry-run"),
    Operation("set_retention", b.RetentionRequest, b.Calendar, "Change the retention", "satchel backups prune --keep-daily 30", sets=True),
    Operation("start_backup", b.BackupRequest, Job, "Back up now", "satchel backup"),
    Operation("start_verify", b.VerifyRequest, Job, "Prove that a backup can be restored", "satchel verify"),
    Operation("backup_pieces", b.BackupPiecesRequest, b.BackupPieces, "Pieces in a backup", "satchel backups ls ID"),
    Operation("preview_restore", b.RestoreRequest, Job, "What a restore would change"),
    Operation("start_restore", b.RestoreRequest, Job, "Restore Pieces or a backup", "satchel restore ID", changes=True),
    Operation("undo_restore", Nothing, Job, "Bring back the store that the last restore replaced", "satchel restore --undo", changes=True),
    Operation("delete_backups", b.BackupIds, b.ChangedBackups, "Delete backups; they can be brought back for a while", "satchel backups delete ID"),
    Operation("undelete_backups", b.BackupIds, b.ChangedBackups, "Bring back deleted backups", "satchel backups undelete ID"),
    # -- settings
    Operation("settings", Nothing, s.Settings, "The defaults of all options", "satchel settings"),
    Operation("set_setting", s.SetRequest, s.Settings, "Change a default, or restore it", "satchel settings set NAME VALUE", changes=True, sets=True),
    Operation("cloud", Nothing, s.CloudState, "The connected cloud and the account", "satchel account"),
    Operation("start_connect", s.ConnectRequest, Job, "Connect this device to a cloud", "satchel connect URL", changes=True),
    Operation("start_sign_in", Nothing, Job, "Sign in again", "satchel login"),
    Operation("start_disconnect", s.DisconnectRequest, Job, "Disconnect this device", "satchel disconnect", changes=True),
    Operation("sign_out", Nothing, s.CloudState, "Forget the account on this device", "satchel logout", changes=True),
    Operation("processing", Nothing, s.Processing, "Where every model runs, and what it sends", "satchel processing"),
    Operation("set_processing", s.SetProcessingRequest, s.Processing, "Let a model ask the endpoint, or no longer", "satchel processing set MODEL local", changes=True, sets=True),
    Operation("telemetry", Nothing, s.Telemetry, "Whether commands are counted", "satchel telemetry"),
    Operation("set_telemetry", s.SetTelemetryRequest, s.Telemetry, "Agree to counts, or delete them", "satchel telemetry on", changes=True, sets=True),
    Operation("memory_sources", Nothing, s.MemorySources, "What the memory takes in", "satchel memory"),
    Operation("set_memory", s.SetMemoryRequest, s.MemorySources, "Switch a source on or off", "satchel memory on SOURCE", changes=True, sets=True),
    Operation("pause_memory", s.PauseMemoryRequest, s.MemorySources, "Pause the memory, or resume it", "satchel memory pause", changes=True, sets=True),
    Operation("schedules", Nothing, s.Schedules, "All schedules", "satchel schedule"),
    Operation("preview_schedule", s.ScheduleRequest, s.SchedulePlan, "Exactly what a schedule installs", "satchel schedule backup --dry-run"),
    Operation("add_schedule", s.ScheduleRequest, s.SchedulePlan, "Install a schedule", "satchel schedule backup", changes=True),
    Operation("remove_schedule", s.ByName, s.Schedules, "Remove a schedule", "satchel schedule remove NAME", changes=True),
    # -- see
    Operation("timeline", r.TimelineRequest, r.Timeline, "The memory as a timeline, or by a question", "satchel recall QUESTION"),
    Operation("preview_forget_memory", r.ForgetMemoryRequest, r.MemoryForgotten, "How much of the memory would be erased"),
    Operation("forget_memory", r.ForgetMemoryRequest, r.MemoryForgotten, "Erase a part of the memory", "satchel memory forget", changes=True),
    Operation("ledger", r.LedgerRequest, r.LedgerPage, "What left this device", "satchel ledger"),
    Operation("ledger_text", r.ByNumber, r.LedgerText, "The exact text of a prompt", "satchel ledger show NUMBER"),
    Operation("verify_ledger", Nothing, r.LedgerVerified, "Prove that the ledger is whole", "satchel ledger verify"),
    Operation("forget_ledger", r.ForgetRequest, r.Forgotten, "Erase texts that the ledger keeps", "satchel ledger forget NUMBER", changes=True),
    Operation("devices", Nothing, r.Devices, "The connected devices", "satchel devices"),
    Operation("start_add_device", Nothing, Job, "Make a code for another device", "satchel devices add"),
    Operation("start_revoke_device", r.ByDevice, Job, "Revoke a device's access", "satchel devices revoke ID"),
    Operation("audit_log", r.AuditRequest, r.AuditLog, "What happened in the cloud, verified", "satchel audit"),
    Operation("statistics", r.StatisticsRequest, r.Statistics, "How the store grew, and what is in it"),
)  # fmt: skip

BY_NAME: Final[dict[str, Operation]] = {operation.name: operation for operation in OPERATIONS}
