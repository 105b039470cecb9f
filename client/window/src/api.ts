// Made by `make window-api` from client/satchel/window: change that, not this file.

import { ask, askBytes, askInOrder, sendBytes } from "./transport.ts";

/** The account that this device signed in with. Signing in decrypts nothing. */
export interface AccountView {
  issuer: string;
  subject: string;
  signed_in: string;
  has_second_factor: boolean | null;
}

/**
 * A new Piece: a text, or files, of which the first is the main content.
 *
 * Empty fields are filled by the models of this device. With `read_images`, the code in a screenshot becomes the
 * content, and the image a further file. With `again`, content that a Piece has already is added nevertheless.
 */
export interface AddRequest {
  text?: string | null;
  file_name?: string;
  title?: string;
  description?: string;
  language?: string | null;
  tags?: readonly string[];
  links?: readonly string[];
  files?: readonly NamedUpload[];
  read_images?: boolean;
  suggest?: boolean;
  again?: boolean;
  source_location?: string;
  source_title?: string;
}

/** The new Piece, or the one that has this content already. `image_lines` counts lines read in an image. */
export interface Added {
  piece: PieceView;
  is_new: boolean;
  image_lines: number;
  secrets: number;
}

/** What happened in the cloud. */
export interface AuditEntryView {
  number: number;
  time: string;
  event: string;
  actor: string;
  actor_id: string;
  device: string | null;
  target: string;
  outcome: string;
  occurrences: number;
  address: string;
}

/** Entries, newest first. `intact`: none was changed or removed since this device last looked. */
export interface AuditLog {
  entries: readonly AuditEntryView[];
  verified: number;
  first: number;
  last: number;
  comparable: boolean;
  intact: boolean;
  problem: string;
  events: readonly string[];
}

/** The latest entries of the cloud's audit log. */
export interface AuditRequest {
  since?: string | null;
  events?: readonly string[];
  device?: string | null;
  limit?: number;
}

/** A Piece in a backup. */
export interface BackedUpPiece {
  id: string;
  title: string;
  language: string | null;
  tags: readonly string[];
  created: string;
  updated: string;
  size_bytes: number;
}

/** Backups by their ids. */
export interface BackupIds {
  ids: readonly string[];
}

/** A new backup. */
export interface BackupMade {
  id: string;
  created: string;
  expires: string | null;
  kind: string;
  size_bytes: number;
  new_bytes: number;
  pieces: number;
  memory: boolean;
  seconds: number;
}

/** Pieces of a backup, newest first. */
export interface BackupPieces {
  id: string;
  created: string;
  pieces: readonly BackedUpPiece[];
  has_more: boolean;
}

/** Pieces of a backup, the newest or those in which all words occur. */
export interface BackupPiecesRequest {
  backup?: string;
  from_file?: string | null;
  words?: string;
  limit?: number;
}

/**
 * Back up now: to the cloud, or to a file of this device.
 *
 * `with_memory` includes the memory or leaves it out; None does what the setting `backup.with-memory` says.
 */
export interface BackupRequest {
  to_file?: string | null;
  full?: boolean;
  with_memory?: boolean | null;
}

/** A backup in the cloud. What a backup that does not authenticate says is None. */
export interface BackupView {
  id: string;
  created: string;
  expires: string | null;
  size_bytes: number;
  new_bytes: number | null;
  pieces: number | null;
  memory: boolean | null;
  device: string | null;
  device_id: string | null;
  held: boolean;
  kind: string | null;
  store_id: string | null;
  authentic: boolean;
}

/** The backups in the cloud, newest first. */
export interface Backups {
  backups: readonly BackupView[];
  deleted: readonly DeletedBackup[];
}

/** A device by its id, or the start of it. */
export interface ByDevice {
  id: string;
}

/** A draft by its id. */
export interface ByDraft {
  id: string;
}

/** A job. */
export interface ByJob {
  id: string;
}

/** A schedule by its name. */
export interface ByName {
  name: string;
}

/** An entry by its number. */
export interface ByNumber {
  number: number;
}

/** A Piece, and how many results are wanted. */
export interface ByPiece {
  id: string;
  limit?: number;
}

/** A request by its id, or the start of it. */
export interface ByRequest {
  id: string;
}

/** A link by its id, or the start of it. */
export interface ByShare {
  id: string;
}

/** What the retention keeps, newest first; and what a change to it would remove and bring back. */
export interface Calendar {
  retention: Retention;
  backups: readonly KeptBackup[];
  removed: readonly string[];
  restored: readonly string[];
}

/** What a link preview shows. The cloud and anyone who sees the link can read it. */
export interface Card {
  title: string;
  language: string;
  lines: number;
}

/** The backups that were deleted or brought back. */
export interface ChangedBackups {
  ids: readonly string[];
}

/** The cloud, without asking it anything. */
export interface CloudState {
  url: string | null;
  device_id: string | null;
  provisioner: string | null;
  account: AccountView | null;
  keys: string;
  owner_id: string;
  is_offline: boolean;
  offline_because: "" | "option" | "setting";
}

/** The connected cloud. `reachable` is None if it was not asked. */
export interface CloudView {
  url: string | null;
  device_id: string | null;
  provisioner: string | null;
  reachable: boolean | null;
  problem: string | null;
  backups: number | null;
}

/** Two revisions of a Piece. */
export interface CompareRequest {
  id: string;
  before: number;
  after: number;
}

/** What differs between two revisions. */
export interface Comparison {
  before: number;
  after: number;
  fields: readonly FieldDiff[];
  files: readonly FileDiff[];
}

/**
 * The Piece was changed since the page read it. `base` is what the page showed, `current` what the store holds.
 *
 * The page keeps what was typed: it shows both, and repeats the edit with the current revision as its base.
 */
export interface Conflict {
  base: PieceView;
  current: PieceView;
  code: "conflict";
  message: string;
}

/** A Piece that was edited in both stores. Both revisions are in its history. */
export interface ConflictView {
  piece: string;
  title: string;
}

/** Connect this device: with a pairing code, or by signing in where the cloud has an issuer. */
export interface ConnectRequest {
  url: string;
  code?: string | null;
  sign_in?: boolean;
  label?: string | null;
  allow_http?: boolean;
}

/** The connection. */
export interface Connected {
  url: string;
  device_id: string;
  subject: string | null;
}

/** A word that nothing contains, and the similar words that were searched instead. */
export interface Correction {
  typed: string;
  used: readonly string[];
}

/** A language, a tag or a kind, and how many Pieces have it. */
export interface Counted {
  name: string;
  count: number;
}

/**
 * Accept or refuse a value that a model suggested.
 *
 * An accepted value is the owner's from then on; a refused one is never suggested for this Piece again. `model` is
 * the label of the model that suggested it.
 */
export interface DecideRequest {
  id: string;
  base: number;
  field: "description" | "language" | "links" | "tags" | "title";
  value: string;
  model?: string;
}

/** A backup that waits for its deletion, and can be brought back until `final`. */
export interface DeletedBackup {
  id: string;
  created: string;
  expires: string | null;
  size_bytes: number;
  new_bytes: number | null;
  pieces: number | null;
  memory: boolean | null;
  device: string | null;
  device_id: string | null;
  held: boolean;
  kind: string | null;
  store_id: string | null;
  authentic: boolean;
  reason: string;
  asked: string;
  final: string;
  asked_by: string | null;
  asked_by_label: string | null;
}

/** A device that is connected to the cloud. */
export interface DeviceView {
  id: string;
  label: string;
  created: string;
  last_seen: string;
  current: boolean;
}

/** All connected devices. */
export interface Devices {
  devices: readonly DeviceView[];
}

/** A line of a diff, with its numbers in both texts. A gap stands for equal lines that are left out. */
export interface DiffLine {
  kind: "added" | "gap" | "removed" | "same";
  text: string;
  before: number | null;
  after: number | null;
}

/** Leave the cloud. With `forget`, only this device forgets it. Erasing the cloud is for the command line. */
export interface DisconnectRequest {
  forget?: boolean;
}

/** A page of documentation. Nothing fetches it until the owner opens it. */
export interface Documentation {
  address: string;
  reason: string;
  confidence: number;
}

/** A file that was put into the form: an upload, also of another window whose draft this one goes on with. */
export interface DraftFile {
  upload: string;
  name: string;
  size_bytes: number;
  is_image: boolean;
}

/** The text of a file, by its number in the Piece. */
export interface DraftText {
  number: number;
  name: string;
  text: string;
}

/** A draft as a page has read it. */
export interface DraftVersion {
  id: string;
  version: number;
}

/** A draft in a list. `is_removed`: its Piece is gone. `excerpt` is the start of its text, or of its files' names. */
export interface DraftView {
  id: string;
  version: number;
  piece: string | null;
  is_removed: boolean;
  title: string;
  excerpt: string;
  typed: string;
}

/**
 * All drafts, the latest first.
 *
 * `damaged` are the files that could not be read and were set aside, `newer` those that a newer satchel wrote.
 */
export interface Drafts {
  drafts: readonly DraftView[];
  damaged: readonly string[];
  newer: readonly string[];
}

/** The Piece after an edit. */
export interface EditAnswer {
  piece: PieceView;
  is_changed: boolean;
}

/**
 * Changes to a Piece. What is None stays; an empty language removes it.
 *
 * `base` is the revision that the page shows. If it is no longer the current one, nothing changes, and the answer has
 * the status 409 and a `Conflict`.
 */
export interface EditRequest {
  id: string;
  base: number;
  text?: string | null;
  title?: string | null;
  description?: string | null;
  language?: string | null;
  tags?: readonly string[] | null;
  links?: readonly string[] | null;
  put_files?: readonly FileEdit[];
  remove_files?: readonly string[];
}

/** The language model that the owner set. */
export interface EndpointView {
  origin: string;
  model: string;
  is_on_this_device: boolean;
}

/** A stretch of work. `reason` and `evidence` say why it was found by a question. */
export interface EpisodeView {
  id: number;
  start: string;
  end: string;
  title: string;
  done: readonly string[];
  outcome: string;
  repository: string | null;
  places: readonly string[];
  hosts: readonly string[];
  commands: readonly string[];
  files: readonly string[];
  links: readonly string[];
  agents: readonly string[];
  reason: string;
  evidence: Evidence | null;
}

/** The parts of an episode that answer the question. */
export interface Evidence {
  done: readonly string[];
  commands: readonly string[];
  files: readonly string[];
}

/** A field that differs. */
export interface FieldDiff {
  field: string;
  before: string;
  after: string;
}

/** What changed in a file. Without lines, it is no text, or too much changed to compare line by line. */
export interface FileDiff {
  name: string;
  change: "added" | "changed" | "removed";
  lines: readonly DiffLine[];
  note: string;
}

/** A further file to add or replace: its text, or an upload. A language of None keeps or detects it. */
export interface FileEdit {
  name: string;
  text?: string | null;
  upload?: string | null;
  language?: string | null;
}

/**
 * The main content (number 0) or a further file. `text` is None if it is not text or not sent here.
 *
 * `is_whole` tells whether `text` is all of it: of a long text, the beginning is sent, and `read_file` gives the rest.
 */
export interface FileView {
  number: number;
  name: string;
  language: string | null;
  media_type: string;
  size_bytes: number;
  text: string | null;
  is_whole: boolean;
}

/** What Pieces can be filtered by, the most used first. */
export interface Filters {
  languages: readonly Counted[];
  tags: readonly Counted[];
  kinds: readonly Counted[];
  pieces: number;
}

/**
 * Pieces from `offset` on. `total` counts all matches; None if there are very many, or they were not counted.
 *
 * `change` is the number of the newest change of the store, to recognize an answer that is out of date. `waiting`
 * counts the Pieces that meaning cannot find yet. `took_ms` is the time in the server.
 */
export interface FindAnswer {
  pieces: readonly Row[];
  offset: number;
  total: number | null;
  has_more: boolean;
  change: number;
  corrections: readonly Correction[];
  waiting: number;
  took_ms: number;
}

/**
 * A search. An empty query lists all Pieces; `is_typing` also finds words that begin as the last one does.
 *
 * `since` and `before` are RFC 3339; they bound the time of the last change. `lines` is how many matching lines of each
 * Piece are wanted. `by_meaning` also finds Pieces of similar meaning, which takes longer. Without `is_counted`, the
 * matches beyond the first are not counted, and no similar words are searched if nothing is found, which is faster.
 */
export interface FindRequest {
  query?: string;
  language?: string;
  tags?: readonly string[];
  kind?: "code" | "image" | "other" | "text" | null;
  since?: string | null;
  before?: string | null;
  order?: "match" | "newest" | "oldest";
  limit?: number;
  offset?: number;
  lines?: number;
  is_typing?: boolean;
  by_meaning?: boolean;
  is_counted?: boolean;
}

/** What looks like a secret: where, and what kind. It is never quoted. */
export interface Finding {
  place: string;
  file: string;
  line: number;
  rule: string;
  message: string;
}

/** One thing that protects the Pieces, as `satchel status` judges it. */
export interface FindingView {
  name: string;
  verdict: "failed" | "ok" | "warning";
  detail: string;
  hint: string;
}

/** Work between two times (RFC 3339), work that mentions a text, or everything. */
export interface ForgetMemoryRequest {
  since?: string | null;
  until?: string | null;
  matching?: string;
  everything?: boolean;
}

/** Erase the texts of entries. The entries stay. */
export interface ForgetRequest {
  numbers: readonly number[];
}

/** The numbers of the entries whose texts were erased. */
export interface Forgotten {
  forgotten: readonly number[];
}

/** How many Pieces and revisions a period added, and how many Pieces there were at its end. */
export interface Growth {
  start: string;
  pieces: number;
  revisions: number;
  total: number;
  bytes: number;
}

/**
 * What the page needs at its start.
 *
 * `change` is the number of the newest change of the store. `has_keys` is False in a home without keys; `is_locked`
 * tells that they are under a passphrase, which `unlock` takes before anything is shared, backed up or restored.
 */
export interface Hello {
  version: string;
  home: string;
  store_id: string;
  change: number;
  pieces: number;
  is_read_only: boolean;
  has_keys: boolean;
  is_locked: boolean;
  cloud: string | null;
  is_offline: boolean;
  has_meaning: boolean;
  has_image_reader: boolean;
  has_memory: boolean;
  max_piece_bytes: number;
  max_files: number;
}

/** The text in an image. `confidence` is from 0 to 1. */
export interface ImageText {
  text: string;
  lines: number;
  is_code: boolean;
  engine: string;
  confidence: number;
  numbers_removed: boolean;
}

/** An item that an import would add. */
export interface ImportItem {
  title: string;
  language: string | null;
  tags: readonly string[];
  size_bytes: number;
  source: string;
}

/** A format that can be imported. */
export interface ImportKind {
  kind: string;
  description: string;
}

/** All formats that can be imported. */
export interface ImportKinds {
  kinds: readonly ImportKind[];
}

/**
 * What an import would do. `items` are the first of the new ones. Nothing was added.
 *
 * `is_whole` is False if the source has more items than a preview reads.
 */
export interface ImportPreview {
  kind: string;
  new: number;
  items: readonly ImportItem[];
  skipped: readonly Skipped[];
  unread: number;
  problems: readonly ImportProblem[];
  is_whole: boolean;
}

/** An item that cannot be read. */
export interface ImportProblem {
  where: string;
  reason: string;
}

/**
 * Files of the page, or a file or folder of this device by its path, to import.
 *
 * `kind` is the format, detected if it is None (`import_kinds`). `tags` are added to every Piece.
 */
export interface ImportRequest {
  files?: readonly NamedUpload[];
  path?: string | null;
  kind?: string | null;
  tags?: readonly string[];
  include_generated?: boolean;
}

/** The result of an import. */
export interface Imported {
  kind: string;
  imported: number;
  skipped: readonly Skipped[];
  unread: number;
  problems: readonly ImportProblem[];
}

/**
 * A job. `done` of `total` units of the phase are complete; a total of None is unknown.
 *
 * `command` does the same on the command line. `notices` are what the command would print meanwhile, such as the
 * address at which to sign in.
 */
export interface Job {
  id: string;
  operation: string;
  command: string;
  state: "cancelled" | "done" | "failed" | "running";
  started: string;
  phase: string;
  unit: "bytes" | "pieces";
  done: number;
  total: number | null;
  notices: readonly string[];
  problem: Problem | null;
  result: JobResult | null;
}

/** What a job has done: the one field of its kind. */
export interface JobResult {
  backup: BackupMade | null;
  verified: Verified | null;
  restore: RestorePreview | null;
  restored: Restored | null;
  merged: MergeView | null;
  imported: Imported | null;
  published: Published | null;
  share: ShareView | null;
  taken: Taken | null;
  connected: Connected | null;
  signed_in: SignedIn | null;
  code: PairingCode | null;
}

/** The jobs of this window, newest first. */
export interface Jobs {
  jobs: readonly Job[];
}

/** Keep a draft in the home. `replaces` is the one that the form began with, which is dropped if nobody changed it. */
export interface KeepDraftRequest {
  draft: UnsavedDraft;
  replaces?: DraftVersion | null;
}

/**
 * A backup in the calendar, and the rules that keep it. Without a rule, the retention removes it.
 *
 * "held" is a backup that the owner keeps until it is deleted, "expires" one with an end of its own.
 */
export interface KeptBackup {
  id: string;
  created: string;
  device: string | null;
  size_bytes: number;
  pieces: number | null;
  kept_by: readonly ("daily" | "expires" | "held" | "last" | "monthly" | "weekly")[];
  expires: string | null;
}

/**
 * The draft is kept, except these of its files: nothing has them, or drafts may not hold that much.
 *
 * Those that are too large can be saved with the Piece as long as the window is open.
 */
export interface KeptDraft {
  missing: readonly string[];
  too_large: readonly string[];
}

/** A language, its Pieces, and the size of their main contents. */
export interface LanguageShare {
  language: string | null;
  pieces: number;
  bytes: number;
}

/** The last backup of this device at one place. */
export interface LastBackup {
  kind: "cloud" | "file";
  destination: string;
  id: string;
  created: string;
  age_s: number;
  expires: string | null;
  pieces: number;
}

/**
 * What left this device, or what an agent read.
 *
 * `command` is why: for a click in the window, "satchel open" and the operation, and `same_command` is the command that
 * does the same, if there is one. `outcome` is None while it is unknown.
 */
export interface LedgerEntry {
  number: number;
  time: string;
  kind: string;
  to: string;
  command: string;
  bytes: number;
  sha256: string | null;
  pieces: readonly string[];
  outcome: string | null;
  status: number | null;
  proxy: string | null;
  has_text: boolean;
  agent: string;
  is_from_window: boolean;
  same_command: string;
}

/** Entries, newest first, and all kinds that there are. */
export interface LedgerPage {
  entries: readonly LedgerEntry[];
  has_more: boolean;
  kinds: readonly string[];
}

/** Entries of the ledger before a number, newest first. */
export interface LedgerRequest {
  before?: number | null;
  kinds?: readonly string[];
  piece?: string | null;
  since?: string | null;
  limit?: number;
}

/** The exact text that a prompt sent; None if it was erased or none was kept. */
export interface LedgerText {
  number: number;
  text: string | null;
  forgotten: string | null;
}

/** The ledger is whole: how many records it has, and the SHA-256 that covers them all. */
export interface LedgerVerified {
  records: number;
  sha256: string;
}

/**
 * The part of a line of a Piece around its first match, and the places of the matches in it.
 *
 * Each place is a start and an end, in UTF-16 units as the page counts them.
 */
export interface MatchingLine {
  text: string;
  spans: readonly (readonly [number, number])[];
}

/** How many events, and episodes of them, were erased or would be. */
export interface MemoryForgotten {
  events: number;
  episodes: number;
}

/** A source of the memory. */
export interface MemorySource {
  name: string;
  is_on: boolean;
  since: string | null;
  events: number;
  places: readonly string[];
  what: string;
  command: string;
}

/** What the memory takes in. `paused_until` is a time, or "resume" for a pause without an end. */
export interface MemorySources {
  sources: readonly MemorySource[];
  paused_until: string | null;
  exclusions: readonly string[];
  oldest: string | null;
  newest: string | null;
  size_bytes: number;
}

/** The result of a merge. */
export interface MergeView {
  id: string;
  created: string;
  device: string;
  added: number;
  updated: number;
  removed: number;
  restored: number;
  conflict_count: number;
  conflicts: readonly ConflictView[];
  seconds: number;
}

/** A Piece by id and title. */
export interface NamedPiece {
  id: string;
  title: string;
}

/** An upload and its name, with folders if it is from one: `notes/http.md`. */
export interface NamedUpload {
  upload: string;
  name: string;
}

/** A value that a model suggests now and that the Piece does not hold. */
export interface OfferedSuggestion {
  field: "description" | "language" | "links" | "tags" | "title";
  value: string;
  model: string;
  confidence: number;
}

/** A one-time code that connects another device. */
export interface PairingCode {
  code: string;
  expires: string;
  url: string;
}

/** Take in nothing for a while, such as `1h`; None ends a pause, "forever" lasts until then. */
export interface PauseMemoryRequest {
  duration: string | null;
}

/** A whole Piece. `files` begins with the main content. */
export interface PieceView {
  id: string;
  short_id: string;
  title: string;
  description: string;
  language: string | null;
  media_type: string;
  kind: "code" | "image" | "other" | "text";
  tags: readonly string[];
  links: readonly string[];
  source: SourceView | null;
  created: string;
  updated: string;
  size_bytes: number;
  revision: number;
  newest_revision: number;
  files: readonly FileView[];
  suggested: readonly SuggestedView[];
  agent: string;
  client: string;
  is_withdrawn: boolean;
}

/** A preference of the page: its theme, language, line wrap, formatted Markdown, or shortcuts of one letter. */
export interface PreferenceRequest {
  name: "keys" | "language" | "markdown" | "theme" | "wrap";
  value: string;
}

/** A failure: one lowercase clause, what to do next, and the exit code of the same command. */
export interface Problem {
  code: "conflict" | "failed" | "integrity" | "locked" | "not_found" | "refused" | "secrets" | "session" | "too_large" | "unreachable" | "usage";
  message: string;
  hint: string;
  exit_code: number;
}

/** Where every model runs. */
export interface Processing {
  endpoint: EndpointView | null;
  offline: boolean;
  models: readonly ProcessingRow[];
}

/** A model: where it runs and what it sends. */
export interface ProcessingRow {
  name: string;
  version: number | string;
  purpose: string;
  runs: string;
  where: string;
  sends: string;
  may_be_blended: boolean;
  only_here: string | null;
  command: string;
}

/** The last proof that a backup can be restored. */
export interface Proof {
  at: string;
  id: string;
  checked: number;
  pieces: number;
  whole: boolean;
}

/** What the browser extension asks of a window: to sign 32 random bytes, as hexadecimal digits. */
export interface ProofRequest {
  challenge: string;
}

/**
 * What the models of this device suggest. Nothing is saved.
 *
 * `source_secrets` counts what looks like a secret in the address that the text is from.
 */
export interface Proposal {
  title: string;
  description: string;
  language: string | null;
  tags: readonly TagSuggestion[];
  links: readonly string[];
  source_secrets: number;
  existing: string | null;
}

/** A text for which models suggest the fields of a Piece, before it is added. */
export interface ProposeRequest {
  text: string;
  file_name?: string;
  tags?: readonly string[];
  source_location?: string;
}

/**
 * The state of backups at a glance. `healthy`: nothing needs the owner now.
 *
 * `can_undo_restore`: the store that the last restore replaced is kept.
 */
export interface Protection {
  healthy: boolean;
  findings: readonly FindingView[];
  cloud: CloudView | null;
  last_backup: string | null;
  last_backup_age_s: number | null;
  backups: readonly LastBackup[];
  next_backup: string | null;
  proof: Proof | null;
  words_confirmed: string | null;
  store_bytes: number;
  pieces: number;
  disk_free_bytes: number;
  interrupted_edits: number;
  can_undo_restore: boolean;
}

/** Whether the cloud may be asked, which takes some seconds at most. */
export interface ProtectionRequest {
  ask_cloud?: boolean;
}

/** A new link. The key is in its fragment; keep it out of addresses and logs. */
export interface Published {
  id: string;
  link: string;
  expires: string | null;
  views: number | null;
  has_password: boolean;
  card: Card | null;
}

/** The bytes of the main content (number 0) or of a further file. */
export interface ReadFileRequest {
  id: string;
  number?: number;
  revision?: number | null;
}

/** An uploaded image. */
export interface ReadImageRequest {
  upload: string;
}

/** A Piece by its id, or the part of it that one can type; at an earlier revision if one is named. */
export interface ReadRequest {
  id: string;
  revision?: number | null;
}

/** Set a link's count of openings to zero. What is None stays. */
export interface RearmShareRequest {
  id: string;
  expires?: string | null;
  views?: number | "unlimited" | null;
}

/** An answer that has arrived: its fingerprint, which the sender sees too, and when a device took it, if one has. */
export interface ReceiptView {
  id: string;
  receipt: string;
  received: string;
  size_bytes: number;
  taken: string | null;
}

/** An answer that could not be taken, and why. It stays in the cloud. */
export interface RefusedAnswer {
  receipt: string;
  received: string;
  message: string;
  hint: string;
}

/** Documentation of what a Piece imports and calls, and Pieces that use the same. */
export interface RelatedAnswer {
  links: readonly Documentation[];
  pieces: readonly RelatedPiece[];
}

/** A Piece that uses the same. */
export interface RelatedPiece {
  piece: Row;
  reason: string;
}

/** Remove Pieces with their history and their copies on this device; with `revoke`, also the links to them. */
export interface RemoveRequest {
  ids: readonly string[];
  revoke?: boolean;
}

/** The ids of what was removed, and of the live links that still show it, or that were revoked. */
export interface Removed {
  removed: readonly string[];
  links: readonly string[] | null;
  revoked: readonly string[];
}

/** The link of a request again. */
export interface RequestLink {
  id: string;
  link: string;
}

/** A new request. The key is in the fragment of the link; keep it out of addresses and logs. */
export interface RequestMade {
  id: string;
  link: string;
  text: string;
  expires: string | null;
  answers: number;
  answer_bytes: number;
}

/** The id of the request that was revoked. */
export interface RequestRevoked {
  id: string;
}

/** Make a link for answers. `size` limits an encrypted answer. */
export interface RequestToMake {
  text?: string;
  expires?: string;
  answers?: number;
  size?: string;
}

/** A request as the cloud reports it. `text` is what was asked for; None if it was not asked with these keys. */
export interface RequestView {
  id: string;
  text: string | null;
  state: string;
  created: string;
  expires: string | null;
  answers: number;
  answer_bytes: number;
  received: readonly ReceiptView[];
}

/** The owner's requests, newest first. */
export interface Requests {
  requests: readonly RequestView[];
}

/**
 * What a restore would change. Nothing was changed.
 *
 * For "replace": `missing` Pieces are not in the backup, `newer` ones were edited since; both would go. For the others,
 * the numbers of Pieces that would be added, updated, removed and brought back.
 *
 * `memory_events` counts the events of the backup's memory; None if it has none. If the memory is restored too,
 * `memory_replaced` counts those of the memory here, which would be replaced and kept, and `memory_newer` those of them
 * that are later than all in the backup. A memory here that cannot be read cannot be compared.
 */
export interface RestorePreview {
  how: "merge" | "pieces" | "replace";
  id: string;
  created: string;
  device: string;
  pieces: number;
  warning: string;
  missing: number;
  missing_pieces: readonly NamedPiece[];
  newer: number;
  newer_pieces: readonly NamedPiece[];
  added: number;
  updated: number;
  removed: number;
  brought_back: number;
  conflicts: number;
  memory_events: number | null;
  memory_replaced: number;
  memory_newer: number;
  is_memory_unreadable: boolean;
}

/**
 * Restore a backup.
 *
 * "pieces" brings back the named Pieces with their history, "merge" takes what the store lacks; neither replaces
 * anything. "replace" replaces the whole store, which is kept and can be brought back; `with_memory` does the same with
 * the memory.
 */
export interface RestoreRequest {
  how: "merge" | "pieces" | "replace";
  backup?: string;
  from_file?: string | null;
  pieces?: readonly string[];
  allow_older?: boolean;
  with_memory?: boolean;
}

/** Make an earlier revision the current one again. The history stays. `base` is the revision that the page shows. */
export interface RestoreRevisionRequest {
  id: string;
  revision: number;
  base: number;
}

/**
 * A restored store; `kept` is the name of the one that it replaced. `undo_restore` brings that back.
 *
 * `memory`: the memory was restored, or brought back, as well.
 */
export interface Restored {
  pieces: number | null;
  created: string | null;
  device: string | null;
  kept: string | null;
  memory: boolean;
  seconds: number;
}

/** How many backups the cloud keeps: the last ones, and the newest of so many days, weeks and months. */
export interface Retention {
  last: number;
  daily: number;
  weekly: number;
  monthly: number;
}

/** A retention; what is None stays. */
export interface RetentionRequest {
  last?: number | null;
  daily?: number | null;
  weekly?: number | null;
  monthly?: number | null;
}

/** A revision in the history. `changed` names what differs from the one before. */
export interface RevisionView {
  revision: number;
  updated: string;
  title: string;
  language: string | null;
  tags: readonly string[];
  size_bytes: number;
  files: number;
  agent: string;
  client: string;
  is_withdrawn: boolean;
  changed: readonly string[];
}

/** All revisions of a Piece, newest first. */
export interface Revisions {
  id: string;
  title: string;
  revisions: readonly RevisionView[];
}

/** The id of the link that was revoked. */
export interface Revoked {
  id: string;
}

/**
 * A Piece in a list. `files` counts its further files; `agent` is the agent that wrote it last, or empty.
 *
 * `found_by` is "words", "meaning" or "both"; empty in a list without a query. `suggested` names the fields that hold
 * a value of a model.
 */
export interface Row {
  id: string;
  title: string;
  language: string | null;
  tags: readonly string[];
  kind: "code" | "image" | "other" | "text";
  media_type: string;
  created: string;
  updated: string;
  size_bytes: number;
  revision: number;
  files: number;
  agent: string;
  suggested: readonly string[];
  snippet: string;
  lines: readonly MatchingLine[];
  found_by: string;
}

/** Exactly what a schedule installs, or has installed. */
export interface SchedulePlan {
  name: string;
  command: readonly string[];
  every_s: number;
  using: string;
  files: readonly ScheduledFile[];
  lines: readonly string[];
  installed: boolean;
}

/** Have the system's scheduler back up, sync or verify regularly; to a file with `to_file`. */
export interface ScheduleRequest {
  what?: "backup" | "sync" | "verify";
  every?: string;
  on_battery?: boolean;
  to_file?: string | null;
}

/** A schedule, and how its last run ended. `installed` is None if the scheduler does not answer. */
export interface ScheduleView {
  name: string;
  command: readonly string[];
  every_s: number;
  on_battery: boolean;
  using: string;
  installed: boolean | null;
  last_run: string | null;
  exit_code: number | null;
  message: string;
  next_run: string | null;
}

/** A file that the schedule installs. */
export interface ScheduledFile {
  path: string;
  content: string;
}

/** All schedules of this home. */
export interface Schedules {
  schedules: readonly ScheduleView[];
}

/**
 * An event of the stream `/api/events`.
 *
 * "change": the store has changed, in this window, another one or on the command line; `pieces` are the ids of what
 * changed, if they are few. "job": a job has changed. "state": the cloud, the settings, the ledger, the memory or the
 * schedules have changed, as `what` says. "closing": the server ends.
 */
export interface ServerEvent {
  kind: "change" | "closing" | "job" | "state";
  change: number | null;
  pieces: readonly string[];
  job: Job | null;
  what: "" | "backups" | "cloud" | "ledger" | "memory" | "schedules" | "settings";
}

/**
 * Switch a source on or off. `kept` says what happens to what it took in, when it is switched off.
 *
 * With the source shell, a block is added to the file that the login shell reads when it starts.
 */
export interface SetMemoryRequest {
  source: "agents" | "files" | "git" | "shell";
  is_on: boolean;
  places?: readonly string[];
  kept?: "forget" | "keep";
}

/** Let a model run on this device alone, or ask the endpoint as well. */
export interface SetProcessingRequest {
  model: string;
  how: "blended" | "local";
}

/** A setting and its value; None restores the default. */
export interface SetRequest {
  name: string;
  value: string | null;
}

/** Agree to counts on this device, or stop and delete them. The page sends none of it. */
export interface SetTelemetryRequest {
  is_on: boolean;
}

/** The default of an option. `set_by` is the command that changes it, if it is none of an option. */
export interface Setting {
  name: string;
  value: string;
  default: string;
  is_default: boolean;
  help: string;
  command: string;
  set_by: string;
}

/** All settings. */
export interface Settings {
  settings: readonly Setting[];
}

/** What the owner should know before sharing. `cloud` is None if none is connected. */
export interface ShareCheck {
  findings: readonly Finding[];
  card: Card;
  size_bytes: number;
  files: number;
  cloud: string | null;
  default_expires: string;
  default_views: string;
}

/** A Piece that the owner is about to share. */
export interface ShareCheckRequest {
  id: string;
}

/** The link of a share again. */
export interface ShareLink {
  id: string;
  link: string;
}

/** What somebody with the link reported. */
export interface ShareReport {
  number: number;
  created: string;
  reason: string;
  text: string;
}

/** The reports about a link. */
export interface ShareReports {
  id: string;
  reports: readonly ShareReport[];
}

/**
 * Publish a Piece behind a link. Without `views`, it can be opened any number of times.
 *
 * A Piece that seems to hold a secret is refused with the problem `secrets`, unless `allow_secrets`.
 */
export interface ShareRequest {
  id: string;
  expires?: string;
  views?: number | null;
  password?: string | null;
  card?: boolean;
  allow_secrets?: boolean;
}

/** A link as the cloud reports it. `piece` and `title` are from the note that only the owner can read. */
export interface ShareView {
  id: string;
  piece: string | null;
  title: string | null;
  state: string;
  version: number;
  created: string;
  updated: string;
  expires: string | null;
  views: number | null;
  opened: number;
  last_opened: string | null;
  has_password: boolean;
  size_bytes: number;
  card: Card | null;
  reports: number;
}

/** The owner's links, newest first. */
export interface Shares {
  shares: readonly ShareView[];
}

/** A sign-in, and until when the cloud counts it as fresh. */
export interface SignedIn {
  url: string;
  issuer: string | null;
  subject: string | null;
  until: string;
}

/** Pieces that resemble a Piece, the most similar first. */
export interface SimilarAnswer {
  pieces: readonly SimilarPiece[];
}

/** A Piece that resembles another. `similarity` is from 0 to 1. */
export interface SimilarPiece {
  piece: Row;
  similarity: number;
  reason: string;
}

/** How many items are skipped for a reason. */
export interface Skipped {
  reason: string;
  count: number;
}

/** Where a Piece is from. */
export interface SourceView {
  kind: string;
  location: string;
  file_name: string;
}

/** How the store grew, and what is in it. */
export interface Statistics {
  pieces: number;
  revisions: number;
  content_bytes: number;
  store_bytes: number;
  index_bytes: number;
  oldest: string | null;
  growth: readonly Growth[];
  languages: readonly LanguageShare[];
  kinds: readonly Counted[];
  tags: readonly Counted[];
}

/** The unit of the growth. */
export interface StatisticsRequest {
  by?: "day" | "month" | "week";
}

/** A value that a model suggested: taken if the field holds it, refused if not. */
export interface SuggestedView {
  field: "description" | "language" | "links" | "tags" | "title";
  value: string;
  model: string;
  is_taken: boolean;
}

/** What models suggested for a Piece: values that it holds or that the owner refused, and further ones. */
export interface Suggestions {
  revision: number;
  suggested: readonly SuggestedView[];
  offered: readonly OfferedSuggestion[];
  missing_models: readonly string[];
}

/** The summary of a day or a week. */
export interface SummaryView {
  kind: string;
  start: string;
  end: string;
  title: string;
  lines: readonly string[];
}

/** A tag that Pieces of the owner have, or that a model suggests; then `model` is its label. */
export interface TagSuggestion {
  tag: string;
  count: number;
  model: string;
}

/** Tags, the best first. */
export interface Tags {
  tags: readonly TagSuggestion[];
}

/** Tags that begin with a text; without one, those that fit the Piece or the text. */
export interface TagsRequest {
  prefix?: string;
  id?: string | null;
  limit?: number;
}

/** Take the answers that no device has taken: as Pieces, or as files into a folder of this device. */
export interface TakeRequest {
  id: string;
  into?: string | null;
}

/** What was taken of a request, and what was not. */
export interface Taken {
  id: string;
  taken: readonly TakenAnswer[];
  refused: readonly RefusedAnswer[];
}

/**
 * An answer that was taken: as a Piece, which is not new if it was here before, or as files.
 *
 * `warning` says why it is still in the cloud.
 */
export interface TakenAnswer {
  receipt: string;
  received: string;
  piece: string | null;
  is_new: boolean;
  paths: readonly string[];
  warning: string | null;
}

/** Whether commands are counted on this device. `document` is everything that waits, as it would be sent. */
export interface Telemetry {
  is_on: boolean;
  no_tracking: string | null;
  endpoint: string | null;
  sent: string | null;
  crash_reports: number;
  document: string | null;
  command: string;
}

/**
 * Episodes and summaries. `is_on` is False if no source of the memory was ever on.
 *
 * `waiting` counts the spans of older work that are not formed yet; asking again goes on with them.
 */
export interface Timeline {
  is_on: boolean;
  episodes: readonly EpisodeView[];
  summaries: readonly SummaryView[];
  waiting: number;
  has_more: boolean;
}

/** Work between two times (RFC 3339), newest first. With a question, what `satchel recall` finds, the best first. */
export interface TimelineRequest {
  since?: string | null;
  until?: string | null;
  question?: string;
  limit?: number;
}

/** The passphrase of the keys. It stays in the memory of the server until the window closes. */
export interface UnlockRequest {
  passphrase: string;
}

/**
 * What is in a form. `piece` and `base` are the Piece and the revision that are edited; None and 0 for a new Piece.
 *
 * `version` counts what the form has sent. `typed` is the time by the browser's clock. `source` is the address of the
 * page that a new Piece is from.
 */
export interface UnsavedDraft {
  id: string;
  version: number;
  piece: string | null;
  base: number;
  title: string;
  description: string;
  language: string;
  tags: readonly string[];
  links: readonly string[];
  texts: readonly DraftText[];
  source: string;
  typed: string;
  files?: readonly DraftFile[];
}

/** Publish the current Piece under the same link. What is None stays; `views` of "unlimited" removes the limit. */
export interface UpdateShareRequest {
  id: string;
  expires?: string | null;
  views?: number | "unlimited" | null;
  card?: boolean | null;
  allow_secrets?: boolean;
}

/** A file that the page sent, for one of the requests below. It is gone when the window closes. */
export interface Upload {
  upload: string;
  size_bytes: number;
  media_type: string;
  is_text: boolean;
  is_image: boolean;
}

/** A proof. The counts of a sample are None for a whole backup. */
export interface Verified {
  id: string;
  created: string;
  pieces: number;
  seconds: number;
  checked: number | null;
  same: number | null;
  changed: number | null;
  removed: number | null;
}

/** Prove that a backup can be restored: as a whole, or by a sample such as `1%` or `20`. */
export interface VerifyRequest {
  backup?: string;
  from_file?: string | null;
  sample?: string | null;
}

/** A draft with everything in it. `missing` are those of its files that were not kept. */
export interface WholeDraft {
  draft: UnsavedDraft;
  missing: readonly string[];
}

/**
 * The public key of this home, and its Ed25519 signature of the challenge for the address of this window.
 *
 * `public_key` and `signature` are hexadecimal digits; `home` is the directory, for the owner to read.
 */
export interface WindowProof {
  public_key: string;
  signature: string;
  home: string;
}

/**
 * What the page needs at its start.
 * `satchel status --offline` does the same.
 */
export function hello(signal?: AbortSignal): Promise<Hello> {
  return ask("hello", {}, signal);
}

/** Open the keys with their passphrase. */
export function unlock(request: UnlockRequest, signal?: AbortSignal): Promise<void> {
  return ask("unlock", request, signal);
}

/** One job. */
export function job(request: ByJob, signal?: AbortSignal): Promise<Job> {
  return ask("job", request, signal);
}

/** All jobs of this window. */
export function jobs(signal?: AbortSignal): Promise<Jobs> {
  return ask("jobs", {}, signal);
}

/** Stop a job at its next step. */
export function cancelJob(request: ByJob, signal?: AbortSignal): Promise<Job> {
  return ask("cancel_job", request, signal);
}

/** Prove to the browser extension that this is a window of this home. */
export function proveWindow(request: ProofRequest, signal?: AbortSignal): Promise<WindowProof> {
  return ask("prove_window", request, signal);
}

/**
 * Find Pieces, or list them.
 * `satchel search QUERY` does the same.
 */
export function find(request: FindRequest, signal?: AbortSignal): Promise<FindAnswer> {
  return ask("find", request, signal);
}

/**
 * The languages, tags and kinds of all Pieces.
 * `satchel list --json` does the same.
 */
export function filters(signal?: AbortSignal): Promise<Filters> {
  return ask("filters", {}, signal);
}

/**
 * A whole Piece.
 * `satchel show ID` does the same.
 */
export function readPiece(request: ReadRequest, signal?: AbortSignal): Promise<PieceView> {
  return ask("read_piece", request, signal);
}

/**
 * The bytes of a file of a Piece.
 * `satchel cat ID` does the same.
 */
export function readFile(request: ReadFileRequest, signal?: AbortSignal): Promise<ArrayBuffer> {
  return askBytes("read_file", request, signal);
}

/**
 * Edit a Piece.
 * `satchel edit ID` does the same.
 */
export function editPiece(request: EditRequest, signal?: AbortSignal): Promise<EditAnswer> {
  return ask("edit_piece", request, signal);
}

/**
 * All revisions of a Piece.
 * `satchel history ID` does the same.
 */
export function history(request: ReadRequest, signal?: AbortSignal): Promise<Revisions> {
  return ask("history", request, signal);
}

/**
 * What differs between two revisions.
 * `satchel history ID --diff N` does the same.
 */
export function compare(request: CompareRequest, signal?: AbortSignal): Promise<Comparison> {
  return ask("compare", request, signal);
}

/**
 * Make an earlier revision the current one.
 * `satchel history ID --restore N` does the same.
 */
export function restoreRevision(request: RestoreRevisionRequest, signal?: AbortSignal): Promise<EditAnswer> {
  return ask("restore_revision", request, signal);
}

/**
 * Remove Pieces for good.
 * `satchel rm ID` does the same.
 */
export function removePieces(request: RemoveRequest, signal?: AbortSignal): Promise<Removed> {
  return ask("remove_pieces", request, signal);
}

/** Tags to add. */
export function suggestTags(request: TagsRequest, signal?: AbortSignal): Promise<Tags> {
  return ask("suggest_tags", request, signal);
}

/**
 * Pieces that resemble a Piece.
 * `satchel similar ID` does the same.
 */
export function similar(request: ByPiece, signal?: AbortSignal): Promise<SimilarAnswer> {
  return ask("similar", request, signal);
}

/**
 * Documentation and Pieces that go with a Piece.
 * `satchel related ID` does the same.
 */
export function related(request: ByPiece, signal?: AbortSignal): Promise<RelatedAnswer> {
  return ask("related", request, signal);
}

/**
 * What models suggest for a Piece.
 * `satchel suggest ID --dry-run` does the same.
 */
export function suggestions(request: ByPiece, signal?: AbortSignal): Promise<Suggestions> {
  return ask("suggestions", request, signal);
}

/**
 * Make a suggested value the owner's.
 * `satchel edit ID` does the same.
 */
export function acceptSuggestion(request: DecideRequest, signal?: AbortSignal): Promise<EditAnswer> {
  return ask("accept_suggestion", request, signal);
}

/**
 * Never use a suggested value again.
 * `satchel suggest --refuse ID VALUE` does the same.
 */
export function refuseSuggestion(request: DecideRequest, signal?: AbortSignal): Promise<EditAnswer> {
  return ask("refuse_suggestion", request, signal);
}

/** Send a file, for `add_piece`, `read_image` or an import. */
export function upload(data: Blob, signal?: AbortSignal): Promise<Upload> {
  return sendBytes("upload", data, signal);
}

/**
 * Add a Piece.
 * `satchel save FILE` does the same.
 */
export function addPiece(request: AddRequest, signal?: AbortSignal): Promise<Added> {
  return ask("add_piece", request, signal);
}

/** What models suggest for a text. */
export function propose(request: ProposeRequest, signal?: AbortSignal): Promise<Proposal> {
  return ask("propose", request, signal);
}

/**
 * The text in an image.
 * `satchel read FILE` does the same.
 */
export function readImage(request: ReadImageRequest, signal?: AbortSignal): Promise<ImageText> {
  return ask("read_image", request, signal);
}

/**
 * The formats that can be imported.
 * `satchel import --help` does the same.
 */
export function importKinds(signal?: AbortSignal): Promise<ImportKinds> {
  return ask("import_kinds", {}, signal);
}

/** What an import would add. */
export function previewImport(request: ImportRequest, signal?: AbortSignal): Promise<ImportPreview> {
  return ask("preview_import", request, signal);
}

/**
 * Import files or a folder.
 * `satchel import SOURCE` does the same.
 */
export function startImport(request: ImportRequest, signal?: AbortSignal): Promise<Job> {
  return ask("start_import", request, signal);
}

/** Keep what is in a form and not saved yet. */
export function keepDraft(request: KeepDraftRequest, signal?: AbortSignal): Promise<KeptDraft> {
  return ask("keep_draft", request, signal);
}

/** Remove a draft that was saved or discarded. */
export function dropDraft(request: DraftVersion, signal?: AbortSignal): Promise<void> {
  return ask("drop_draft", request, signal);
}

/** What was typed and is not saved. */
export function drafts(signal?: AbortSignal): Promise<Drafts> {
  return ask("drafts", {}, signal);
}

/** A whole draft. */
export function readDraft(request: ByDraft, signal?: AbortSignal): Promise<WholeDraft> {
  return ask("read_draft", request, signal);
}

/** Set a preference of the page. */
export function setPreference(request: PreferenceRequest): Promise<void> {
  return askInOrder("set_preference", request);
}

/**
 * What to know before sharing.
 * `satchel secrets ID` does the same.
 */
export function checkShare(request: ShareCheckRequest, signal?: AbortSignal): Promise<ShareCheck> {
  return ask("check_share", request, signal);
}

/**
 * Publish a Piece behind a link.
 * `satchel share ID` does the same.
 */
export function publishShare(request: ShareRequest, signal?: AbortSignal): Promise<Job> {
  return ask("publish_share", request, signal);
}

/**
 * All links, with their openings.
 * `satchel shares` does the same.
 */
export function shares(signal?: AbortSignal): Promise<Shares> {
  return ask("shares", {}, signal);
}

/**
 * A link again.
 * `satchel shares link ID` does the same.
 */
export function shareLink(request: ByShare, signal?: AbortSignal): Promise<ShareLink> {
  return ask("share_link", request, signal);
}

/**
 * What was reported about a link.
 * `satchel shares reports ID` does the same.
 */
export function shareReports(request: ByShare, signal?: AbortSignal): Promise<ShareReports> {
  return ask("share_reports", request, signal);
}

/**
 * Show the current Piece under the same link.
 * `satchel shares update ID` does the same.
 */
export function updateShare(request: UpdateShareRequest, signal?: AbortSignal): Promise<Job> {
  return ask("update_share", request, signal);
}

/**
 * Let a link be opened again.
 * `satchel shares rearm ID` does the same.
 */
export function rearmShare(request: RearmShareRequest, signal?: AbortSignal): Promise<ShareView> {
  return ask("rearm_share", request, signal);
}

/**
 * Revoke a link at once.
 * `satchel shares revoke ID` does the same.
 */
export function revokeShare(request: ByShare, signal?: AbortSignal): Promise<Revoked> {
  return ask("revoke_share", request, signal);
}

/**
 * All requests, with the answers that have arrived.
 * `satchel requests` does the same.
 */
export function requests(signal?: AbortSignal): Promise<Requests> {
  return ask("requests", {}, signal);
}

/**
 * Ask somebody for text or files by a link.
 * `satchel request TEXT` does the same.
 */
export function makeRequest(request: RequestToMake, signal?: AbortSignal): Promise<RequestMade> {
  return ask("make_request", request, signal);
}

/**
 * The link of a request again.
 * `satchel requests link ID` does the same.
 */
export function requestLink(request: ByRequest, signal?: AbortSignal): Promise<RequestLink> {
  return ask("request_link", request, signal);
}

/**
 * Keep answers as Pieces or files, and delete them from the cloud.
 * `satchel requests take ID` does the same.
 */
export function takeAnswers(request: TakeRequest, signal?: AbortSignal): Promise<Job> {
  return ask("take_answers", request, signal);
}

/**
 * Revoke the link of a request at once.
 * `satchel requests revoke ID` does the same.
 */
export function revokeRequest(request: ByRequest, signal?: AbortSignal): Promise<RequestRevoked> {
  return ask("revoke_request", request, signal);
}

/**
 * The state of the backups.
 * `satchel status` does the same.
 */
export function protection(request: ProtectionRequest, signal?: AbortSignal): Promise<Protection> {
  return ask("protection", request, signal);
}

/**
 * The backups in the cloud.
 * `satchel backups` does the same.
 */
export function backups(signal?: AbortSignal): Promise<Backups> {
  return ask("backups", {}, signal);
}

/**
 * What the retention keeps, and what another would.
 * `satchel backups prune --dry-run` does the same.
 */
export function calendar(request: RetentionRequest, signal?: AbortSignal): Promise<Calendar> {
  return ask("calendar", request, signal);
}

/**
 * Change the retention.
 * `satchel backups prune --keep-daily 30` does the same.
 */
export function setRetention(request: RetentionRequest): Promise<Calendar> {
  return askInOrder("set_retention", request);
}

/**
 * Back up now.
 * `satchel backup` does the same.
 */
export function startBackup(request: BackupRequest, signal?: AbortSignal): Promise<Job> {
  return ask("start_backup", request, signal);
}

/**
 * Prove that a backup can be restored.
 * `satchel verify` does the same.
 */
export function startVerify(request: VerifyRequest, signal?: AbortSignal): Promise<Job> {
  return ask("start_verify", request, signal);
}

/**
 * Pieces in a backup.
 * `satchel backups ls ID` does the same.
 */
export function backupPieces(request: BackupPiecesRequest, signal?: AbortSignal): Promise<BackupPieces> {
  return ask("backup_pieces", request, signal);
}

/** What a restore would change. */
export function previewRestore(request: RestoreRequest, signal?: AbortSignal): Promise<Job> {
  return ask("preview_restore", request, signal);
}

/**
 * Restore Pieces or a backup.
 * `satchel restore ID` does the same.
 */
export function startRestore(request: RestoreRequest, signal?: AbortSignal): Promise<Job> {
  return ask("start_restore", request, signal);
}

/**
 * Bring back the store that the last restore replaced.
 * `satchel restore --undo` does the same.
 */
export function undoRestore(signal?: AbortSignal): Promise<Job> {
  return ask("undo_restore", {}, signal);
}

/**
 * Delete backups; they can be brought back for a while.
 * `satchel backups delete ID` does the same.
 */
export function deleteBackups(request: BackupIds, signal?: AbortSignal): Promise<ChangedBackups> {
  return ask("delete_backups", request, signal);
}

/**
 * Bring back deleted backups.
 * `satchel backups undelete ID` does the same.
 */
export function undeleteBackups(request: BackupIds, signal?: AbortSignal): Promise<ChangedBackups> {
  return ask("undelete_backups", request, signal);
}

/**
 * The defaults of all options.
 * `satchel settings` does the same.
 */
export function settings(signal?: AbortSignal): Promise<Settings> {
  return ask("settings", {}, signal);
}

/**
 * Change a default, or restore it.
 * `satchel settings set NAME VALUE` does the same.
 */
export function setSetting(request: SetRequest): Promise<Settings> {
  return askInOrder("set_setting", request);
}

/**
 * The connected cloud and the account.
 * `satchel account` does the same.
 */
export function cloud(signal?: AbortSignal): Promise<CloudState> {
  return ask("cloud", {}, signal);
}

/**
 * Connect this device to a cloud.
 * `satchel connect URL` does the same.
 */
export function startConnect(request: ConnectRequest, signal?: AbortSignal): Promise<Job> {
  return ask("start_connect", request, signal);
}

/**
 * Sign in again.
 * `satchel login` does the same.
 */
export function startSignIn(signal?: AbortSignal): Promise<Job> {
  return ask("start_sign_in", {}, signal);
}

/**
 * Disconnect this device.
 * `satchel disconnect` does the same.
 */
export function startDisconnect(request: DisconnectRequest, signal?: AbortSignal): Promise<Job> {
  return ask("start_disconnect", request, signal);
}

/**
 * Forget the account on this device.
 * `satchel logout` does the same.
 */
export function signOut(signal?: AbortSignal): Promise<CloudState> {
  return ask("sign_out", {}, signal);
}

/**
 * Where every model runs, and what it sends.
 * `satchel processing` does the same.
 */
export function processing(signal?: AbortSignal): Promise<Processing> {
  return ask("processing", {}, signal);
}

/**
 * Let a model ask the endpoint, or no longer.
 * `satchel processing set MODEL local` does the same.
 */
export function setProcessing(request: SetProcessingRequest): Promise<Processing> {
  return askInOrder("set_processing", request);
}

/**
 * Whether commands are counted.
 * `satchel telemetry` does the same.
 */
export function telemetry(signal?: AbortSignal): Promise<Telemetry> {
  return ask("telemetry", {}, signal);
}

/**
 * Agree to counts, or delete them.
 * `satchel telemetry on` does the same.
 */
export function setTelemetry(request: SetTelemetryRequest): Promise<Telemetry> {
  return askInOrder("set_telemetry", request);
}

/**
 * What the memory takes in.
 * `satchel memory` does the same.
 */
export function memorySources(signal?: AbortSignal): Promise<MemorySources> {
  return ask("memory_sources", {}, signal);
}

/**
 * Switch a source on or off.
 * `satchel memory on SOURCE` does the same.
 */
export function setMemory(request: SetMemoryRequest): Promise<MemorySources> {
  return askInOrder("set_memory", request);
}

/**
 * Pause the memory, or resume it.
 * `satchel memory pause` does the same.
 */
export function pauseMemory(request: PauseMemoryRequest): Promise<MemorySources> {
  return askInOrder("pause_memory", request);
}

/**
 * All schedules.
 * `satchel schedule` does the same.
 */
export function schedules(signal?: AbortSignal): Promise<Schedules> {
  return ask("schedules", {}, signal);
}

/**
 * Exactly what a schedule installs.
 * `satchel schedule backup --dry-run` does the same.
 */
export function previewSchedule(request: ScheduleRequest, signal?: AbortSignal): Promise<SchedulePlan> {
  return ask("preview_schedule", request, signal);
}

/**
 * Install a schedule.
 * `satchel schedule backup` does the same.
 */
export function addSchedule(request: ScheduleRequest, signal?: AbortSignal): Promise<SchedulePlan> {
  return ask("add_schedule", request, signal);
}

/**
 * Remove a schedule.
 * `satchel schedule remove NAME` does the same.
 */
export function removeSchedule(request: ByName, signal?: AbortSignal): Promise<Schedules> {
  return ask("remove_schedule", request, signal);
}

/**
 * The memory as a timeline, or by a question.
 * `satchel recall QUESTION` does the same.
 */
export function timeline(request: TimelineRequest, signal?: AbortSignal): Promise<Timeline> {
  return ask("timeline", request, signal);
}

/** How much of the memory would be erased. */
export function previewForgetMemory(request: ForgetMemoryRequest, signal?: AbortSignal): Promise<MemoryForgotten> {
  return ask("preview_forget_memory", request, signal);
}

/**
 * Erase a part of the memory.
 * `satchel memory forget` does the same.
 */
export function forgetMemory(request: ForgetMemoryRequest, signal?: AbortSignal): Promise<MemoryForgotten> {
  return ask("forget_memory", request, signal);
}

/**
 * What left this device.
 * `satchel ledger` does the same.
 */
export function ledger(request: LedgerRequest, signal?: AbortSignal): Promise<LedgerPage> {
  return ask("ledger", request, signal);
}

/**
 * The exact text of a prompt.
 * `satchel ledger show NUMBER` does the same.
 */
export function ledgerText(request: ByNumber, signal?: AbortSignal): Promise<LedgerText> {
  return ask("ledger_text", request, signal);
}

/**
 * Prove that the ledger is whole.
 * `satchel ledger verify` does the same.
 */
export function verifyLedger(signal?: AbortSignal): Promise<LedgerVerified> {
  return ask("verify_ledger", {}, signal);
}

/**
 * Erase texts that the ledger keeps.
 * `satchel ledger forget NUMBER` does the same.
 */
export function forgetLedger(request: ForgetRequest, signal?: AbortSignal): Promise<Forgotten> {
  return ask("forget_ledger", request, signal);
}

/**
 * The connected devices.
 * `satchel devices` does the same.
 */
export function devices(signal?: AbortSignal): Promise<Devices> {
  return ask("devices", {}, signal);
}

/**
 * Make a code for another device.
 * `satchel devices add` does the same.
 */
export function startAddDevice(signal?: AbortSignal): Promise<Job> {
  return ask("start_add_device", {}, signal);
}

/**
 * Revoke a device's access.
 * `satchel devices revoke ID` does the same.
 */
export function startRevokeDevice(request: ByDevice, signal?: AbortSignal): Promise<Job> {
  return ask("start_revoke_device", request, signal);
}

/**
 * What happened in the cloud, verified.
 * `satchel audit` does the same.
 */
export function auditLog(request: AuditRequest, signal?: AbortSignal): Promise<AuditLog> {
  return ask("audit_log", request, signal);
}

/** How the store grew, and what is in it. */
export function statistics(request: StatisticsRequest, signal?: AbortSignal): Promise<Statistics> {
  return ask("statistics", request, signal);
}

/** The command that does the same as an operation, by its name. */
export const COMMANDS: Readonly<Record<string, string>> = {
  hello: "satchel status --offline",
  find: "satchel search QUERY",
  filters: "satchel list --json",
  read_piece: "satchel show ID",
  read_file: "satchel cat ID",
  edit_piece: "satchel edit ID",
  history: "satchel history ID",
  compare: "satchel history ID --diff N",
  restore_revision: "satchel history ID --restore N",
  remove_pieces: "satchel rm ID",
  similar: "satchel similar ID",
  related: "satchel related ID",
  suggestions: "satchel suggest ID --dry-run",
  accept_suggestion: "satchel edit ID",
  refuse_suggestion: "satchel suggest --refuse ID VALUE",
  add_piece: "satchel save FILE",
  read_image: "satchel read FILE",
  import_kinds: "satchel import --help",
  start_import: "satchel import SOURCE",
  check_share: "satchel secrets ID",
  publish_share: "satchel share ID",
  shares: "satchel shares",
  share_link: "satchel shares link ID",
  share_reports: "satchel shares reports ID",
  update_share: "satchel shares update ID",
  rearm_share: "satchel shares rearm ID",
  revoke_share: "satchel shares revoke ID",
  requests: "satchel requests",
  make_request: "satchel request TEXT",
  request_link: "satchel requests link ID",
  take_answers: "satchel requests take ID",
  revoke_request: "satchel requests revoke ID",
  protection: "satchel status",
  backups: "satchel backups",
  calendar: "satchel backups prune --dry-run",
  set_retention: "satchel backups prune --keep-daily 30",
  start_backup: "satchel backup",
  start_verify: "satchel verify",
  backup_pieces: "satchel backups ls ID",
  start_restore: "satchel restore ID",
  undo_restore: "satchel restore --undo",
  delete_backups: "satchel backups delete ID",
  undelete_backups: "satchel backups undelete ID",
  settings: "satchel settings",
  set_setting: "satchel settings set NAME VALUE",
  cloud: "satchel account",
  start_connect: "satchel connect URL",
  start_sign_in: "satchel login",
  start_disconnect: "satchel disconnect",
  sign_out: "satchel logout",
  processing: "satchel processing",
  set_processing: "satchel processing set MODEL local",
  telemetry: "satchel telemetry",
  set_telemetry: "satchel telemetry on",
  memory_sources: "satchel memory",
  set_memory: "satchel memory on SOURCE",
  pause_memory: "satchel memory pause",
  schedules: "satchel schedule",
  preview_schedule: "satchel schedule backup --dry-run",
  add_schedule: "satchel schedule backup",
  remove_schedule: "satchel schedule remove NAME",
  timeline: "satchel recall QUESTION",
  forget_memory: "satchel memory forget",
  ledger: "satchel ledger",
  ledger_text: "satchel ledger show NUMBER",
  verify_ledger: "satchel ledger verify",
  forget_ledger: "satchel ledger forget NUMBER",
  devices: "satchel devices",
  start_add_device: "satchel devices add",
  start_revoke_device: "satchel devices revoke ID",
  audit_log: "satchel audit",
};
