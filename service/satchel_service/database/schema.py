"""The schema of the micro-database, as numbered migrations. Only a migration changes the schema.

Every table has a primary key, so SQLite's sessions can record its changes. Times are milliseconds since 1970 in UTC.
A `blob` column holds the key of an object in the storage; an object that no row names is deleted.
"""

from typing import Final

APPLICATION_ID: Final = 0x53434C44  # "SCLD"
NONCE_KEY: Final = (
    "sign-in-nonce-key"  # in `meta`: made by `sign_in.used_nonces`, deleted by `lifecycle.erasure`
)

# Sealed columns (labels, summaries, notes) are opaque. Tokens, codes and proofs are stored only as SHA-256.
VERSION_1: Final = """
CREATE TABLE meta(
    key TEXT NOT NULL PRIMARY KEY,
    value ANY
) STRICT, WITHOUT ROWID;

CREATE TABLE devices(
    id TEXT NOT NULL PRIMARY KEY,
    token_sha256 BLOB NOT NULL UNIQUE,
    label BLOB NOT NULL,
    created INTEGER NOT NULL,
    last_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pairing_codes(
    code_sha256 BLOB NOT NULL PRIMARY KEY,
    expires INTEGER NOT NULL,
    used INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads(
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    part_bytes INTEGER NOT NULL,
    blob TEXT,                   -- null once a backup or a share has taken it
    token TEXT NOT NULL,         -- the storage's name for it until it is complete
    completed INTEGER,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE archives(
    id TEXT NOT NULL PRIMARY KEY,
    blob TEXT NOT NULL,
    size_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE backups(
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    expires INTEGER,
    size_bytes INTEGER NOT NULL,
    summary BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE needs(              -- a backup needs its own archive and those it borrows from
    backup TEXT NOT NULL,
    archive TEXT NOT NULL,
    PRIMARY KEY(backup, archive)
) STRICT, WITHOUT ROWID;
CREATE INDEX needs_archive ON needs(archive);

CREATE TABLE shares(
    id TEXT NOT NULL PRIMARY KEY,
    upload TEXT NOT NULL,        -- the upload its body came in
    blob TEXT,                   -- null once revoked
    size_bytes INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    expires INTEGER,
    views INTEGER,
    opened INTEGER NOT NULL,
    last_opened INTEGER,
    revoked INTEGER,
    proof_sha256 BLOB NOT NULL,
    salt BLOB,
    log_n INTEGER,
    note BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""

# The link-preview card of a share, as JSON; the hash of its sealed body, if the operator blocks any; reports.
VERSION_2: Final = """
ALTER TABLE shares ADD COLUMN card TEXT;
ALTER TABLE shares ADD COLUMN body_sha256 BLOB;

CREATE TABLE reports(
    share TEXT NOT NULL,
    number INTEGER NOT NULL,
    created INTEGER NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY(share, number)
) STRICT, WITHOUT ROWID;
"""

# Backups belong to devices, and wait before they are deleted; relative expiries; the retention; codes of the operator;
# cards as objects, so that the log does not contain them (`card` holds those of earlier versions until they are moved).
#
# Clients of earlier versions gave every backup an expiry after 30 days unless the owner chose another one. That default
# is removed, so that an owner's only backup does not end. An expiry that the owner chose stays.
VERSION_3: Final = """
ALTER TABLE backups ADD COLUMN device TEXT;              -- null: committed before version 3
ALTER TABLE backups ADD COLUMN lifetime_s INTEGER;       -- the relative expiry of the request
ALTER TABLE backups ADD COLUMN expires_by TEXT;          -- the device that set the expiry
ALTER TABLE backups ADD COLUMN held INTEGER NOT NULL DEFAULT 0;  -- 1: the retention does not apply
ALTER TABLE backups ADD COLUMN deleted INTEGER;          -- null: live; else since when it waits for its deletion
ALTER TABLE backups ADD COLUMN deleted_tick INTEGER;     -- the same on the clock of the grace period
ALTER TABLE backups ADD COLUMN deleted_reason TEXT;
ALTER TABLE backups ADD COLUMN deleted_by TEXT;          -- a device
UPDATE backups SET expires = NULL WHERE abs(expires - created - 2592000000) <= 86400000;

CREATE TABLE retention(
    id INTEGER NOT NULL PRIMARY KEY CHECK(id = 1),
    last INTEGER NOT NULL,
    daily INTEGER NOT NULL,
    weekly INTEGER NOT NULL,
    monthly INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    device TEXT NOT NULL
) STRICT;

ALTER TABLE shares ADD COLUMN lifetime_s INTEGER;
ALTER TABLE shares ADD COLUMN card_blob TEXT;
ALTER TABLE pairing_codes ADD COLUMN operator INTEGER NOT NULL DEFAULT 0;
"""

# Sign-in: the owner's account, used nonces, the latest sign-in on each device, and the issuer's keys.
VERSION_4: Final = """
CREATE TABLE owner(
    id INTEGER NOT NULL PRIMARY KEY CHECK(id = 1),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    since INTEGER NOT NULL
) STRICT;

CREATE TABLE nonces(
    nonce_sha256 BLOB NOT NULL PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE devices ADD COLUMN signed_in INTEGER;        -- `auth_time` of the latest sign-in on it
ALTER TABLE devices ADD COLUMN signed_in_mfa INTEGER;    -- 1: with a second factor
ALTER TABLE devices ADD COLUMN signed_in_as BLOB;        -- a digest of issuer and subject

CREATE TABLE issuer_keys(                                -- what the issuer publishes, as last fetched
    issuer TEXT NOT NULL PRIMARY KEY,
    keys TEXT,                                           -- a JSON Web Key Set; null: never fetched
    fetched INTEGER,                                     -- when it was
    attempted INTEGER NOT NULL                           -- when it was last tried
) STRICT, WITHOUT ROWID;
"""

# The audit log (see `audit`): a chain of entries, the last entry that was deleted, and the counts of the present hour.
# Tokens of revoked devices, to recognize their later use.
VERSION_5: Final = """
CREATE TABLE audit(
    number INTEGER NOT NULL PRIMARY KEY,
    time INTEGER NOT NULL,
    event TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    target TEXT NOT NULL,
    outcome TEXT NOT NULL,
    occurrences INTEGER NOT NULL,
    request TEXT NOT NULL,
    address TEXT NOT NULL,
    sha256 BLOB NOT NULL         -- of the previous hash and this entry: `satchel_wire.audit`
) STRICT;

CREATE TABLE audit_anchor(
    id INTEGER NOT NULL PRIMARY KEY CHECK(id = 1),
    number INTEGER NOT NULL,
    sha256 BLOB NOT NULL
) STRICT;

CREATE TABLE audit_counts(
    hour INTEGER NOT NULL,       -- hours since 1970
    event TEXT NOT NULL,
    device TEXT NOT NULL,        -- empty: a stranger
    count INTEGER NOT NULL,
    PRIMARY KEY(hour, event, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE revoked_tokens(
    token_sha256 BLOB NOT NULL PRIMARY KEY,
    device TEXT NOT NULL,
    revoked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

# Requests and the answers to them (docs/spec/request.md). A taken answer keeps its row, which is its receipt.
VERSION_6: Final = """
CREATE TABLE requests(
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL,
    expires INTEGER,
    lifetime_s INTEGER,          -- the relative expiry of the request
    answers INTEGER NOT NULL,    -- how many it takes
    answer_bytes INTEGER NOT NULL,
    revoked INTEGER,
    proof_sha256 BLOB NOT NULL,
    sheet BLOB NOT NULL          -- sealed to the holders of the link
) STRICT, WITHOUT ROWID;

CREATE TABLE answers(
    request TEXT NOT NULL,
    id TEXT NOT NULL,
    blob TEXT,                   -- null once taken
    size_bytes INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    received INTEGER NOT NULL,
    taken INTEGER,
    PRIMARY KEY(request, id)
) STRICT, WITHOUT ROWID;
"""

MIGRATIONS: Final = (VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6)
