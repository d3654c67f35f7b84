// The file of one vault. Seed 001 gives `credentials`, `agents` and `entries`; what differs is named where it differs.
// No `vault_meta` here: a hosted vault gets that table from its point of presence, and without it the commercial path is
// inert (SPEC 8).

/** Raised when the tables change; a file of another format is refused with a plain message. */
export const FORMAT = 1;

export const SCHEMA = `
CREATE TABLE vault (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  format INTEGER NOT NULL,
  vault_id TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  public_key TEXT NOT NULL,
  sealed_keys BLOB NOT NULL,           -- data key and signing seed, under the host key
  mode TEXT NOT NULL CHECK (mode IN ('primary', 'backup')),
  epoch INTEGER NOT NULL,
  epoch_revision INTEGER NOT NULL,     -- the revision at which this epoch began
  revision INTEGER NOT NULL,
  highest_id INTEGER NOT NULL,         -- ids are never assigned twice, whatever was deleted
  synced_seq INTEGER NOT NULL DEFAULT 0, -- the last event that surely survives a power cut
  seals INTEGER NOT NULL DEFAULT 0     -- uses of the keys for entries
) STRICT;

CREATE TABLE agents (
  id INTEGER PRIMARY KEY,              -- this IS the scope; assigned from highest_id, not by SQLite
  uid TEXT NOT NULL UNIQUE,
  token_hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('human', 'extension', 'agent')),
  scopes TEXT NOT NULL DEFAULT '',
  all_access INTEGER NOT NULL DEFAULT 0 CHECK (all_access IN (0, 1)),
  admin INTEGER NOT NULL DEFAULT 0 CHECK (admin IN (0, 1)),
  managed_by TEXT,                     -- uid of an admin row
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  claim_by INTEGER,                    -- removed then, unless used_at is set
  used_at INTEGER,                     -- last use, to the minute
  used_before INTEGER,                 -- last use before the hour of used_at
  locked INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
  hand_over TEXT NOT NULL CHECK (hand_over IN ('sealed', 'hash', 'plain')),
  sealed_to TEXT,
  limits TEXT,                         -- JSON {per_minute, per_hour} or 'null' = none; NULL = the default of the kind
  grant_json TEXT,                     -- managers only
  connect_json TEXT,                   -- managers only: {msp_origin, signing: [{rp_id, origin}]}
  revision INTEGER NOT NULL
) STRICT;
CREATE INDEX agents_managed_by ON agents (managed_by);

CREATE TABLE uids (uid TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;           -- every row that ever was
CREATE TABLE tokens_issued (hash TEXT PRIMARY KEY) STRICT, WITHOUT ROWID; -- every token that ever was
CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  agent_id INTEGER NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  credential_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_agent ON sessions (agent_id);

-- Seed 001 makes p0 the key; two credentials can have one p0 (SPEC 12), so the key is the credential.
CREATE TABLE credentials (
  credential_id TEXT PRIMARY KEY,
  p0 TEXT NOT NULL,
  public_key TEXT NOT NULL,            -- COSE, base64url
  wrapped_l3 BLOB NOT NULL,
  label TEXT NOT NULL,
  person TEXT NOT NULL,
  rp_id TEXT NOT NULL,
  origin TEXT NOT NULL,
  signs_for INTEGER NOT NULL,          -- outlives the row it names, as the marker of a revoked key
  hardware_bound INTEGER NOT NULL CHECK (hardware_bound IN (0, 1)),
  backup_eligible INTEGER NOT NULL CHECK (backup_eligible IN (0, 1)),
  counter INTEGER NOT NULL,
  counts_from INTEGER NOT NULL,
  revoked_at INTEGER,
  created_at INTEGER NOT NULL,
  created_by INTEGER
) STRICT;
CREATE INDEX credentials_p0 ON credentials (p0);
CREATE INDEX credentials_signs_for ON credentials (signs_for);

CREATE TABLE roles (
  manager TEXT NOT NULL,
  name TEXT NOT NULL,
  scope TEXT NOT NULL,
  PRIMARY KEY (manager, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uid TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL DEFAULT '',
  l1 BLOB NOT NULL,                    -- title, tags, fields without their L2 values; sealed
  l2 BLOB NOT NULL,                    -- the L2 values; sealed under another key
  revision INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE entry_scopes (
  scope TEXT NOT NULL,
  entry_id INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
  PRIMARY KEY (scope, entry_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_scopes_entry ON entry_scopes (entry_id, scope);

CREATE TABLE events (
  stream TEXT NOT NULL,
  seq INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id INTEGER,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail_hash TEXT NOT NULL,
  prev TEXT NOT NULL,
  hash TEXT NOT NULL,
  detail TEXT,                         -- JSON; erasable without breaking the chain
  concerns TEXT NOT NULL DEFAULT '',   -- uids of the managers that it concerns, comma-separated
  PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipts (
  agent_id INTEGER NOT NULL,
  batch TEXT NOT NULL,
  header_hash TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  answer TEXT NOT NULL,                -- {receipt, signature}; never a token
  PRIMARY KEY (agent_id, batch)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipts_applied_at ON receipts (applied_at);
CREATE TABLE operations (
  id TEXT PRIMARY KEY,
  applied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX operations_applied_at ON operations (applied_at);

CREATE TABLE nonces (nonce TEXT PRIMARY KEY, used_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Marks of metadata calls, and the sliding windows of the abuse limits.
CREATE TABLE calls (who TEXT PRIMARY KEY, hour INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE distinct_reads (
  agent_id INTEGER NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  entry_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (agent_id, entry_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE violations (
  agent_id INTEGER NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX violations_agent ON violations (agent_id, at);
`;
