-- Keys that live around the signing house (PROTOCOL 8 and 10): signing keys, tickets that open the house, inbox keys with
-- their statements and wrapped copies, endorsements. Nothing here can be deleted by anybody who runs: what once could
-- approve stays known, so that an old approval can be judged.

create table signing_policy (
  msp_id uuid primary key references msp (msp_id) on delete restrict on update cascade,
  hardware_bound boolean not null default false,
  changed_at timestamptz(3) not null default now()
);

create table signing_key (
  msp_id uuid not null,
  credential_id bytea not null check (length(credential_id) between 1 and 1023),
  person_id uuid not null,
  public_key bytea not null, -- COSE
  label text not null check (length(label) between 1 and 240),
  rp_id text not null,
  origin text not null,
  msp_origin text not null, -- the console's, as signed in "enrol"
  enrol jsonb not null, -- the proof of possession, handed to vaults at connect
  transports text[] not null,
  backup_eligible boolean not null,
  backed_up boolean not null,
  created_at timestamptz(3) not null default now(),
  last_used_at timestamptz(3),
  removed_at timestamptz(3),
  removed_by uuid,
  primary key (msp_id, credential_id),
  foreign key (msp_id, person_id) references person (msp_id, person_id) on delete restrict on update cascade,
  check ((removed_at is null) = (removed_by is null)),
  check (backup_eligible or not backed_up)
);
create index signing_key_msp_id_person_id_idx on signing_key (msp_id, person_id);

-- A key pair of a technician's browser: the public half in a statement, the private half only as copies nobody here can open.
create table inbox_key (
  msp_id uuid not null,
  inbox_key_id uuid not null,
  person_id uuid not null,
  statement jsonb not null,
  statement_hash bytea not null check (length(statement_hash) = 32),
  assertion jsonb not null,
  -- The passkey as it was when it stated this: a passkey can be removed, the statement must stay provable.
  credential_id bytea not null,
  passkey_public_key bytea not null,
  passkey_backup_eligible boolean not null,
  passkey_label text not null,
  made_at timestamptz(3) not null default now(),
  not_after timestamptz(3) not null,
  replaced_at timestamptz(3), -- a newer key of the same person took its place
  differs_at timestamptz(3), -- a signer was read another fingerprint
  primary key (msp_id, inbox_key_id),
  foreign key (msp_id, person_id) references person (msp_id, person_id) on delete restrict on update cascade
);
create unique index inbox_key_msp_id_statement_hash_key on inbox_key (msp_id, statement_hash);
-- One key in force per person, whatever two tabs do.
create unique index inbox_key_in_force_key on inbox_key (msp_id, person_id) where replaced_at is null;

create table inbox_copy (
  msp_id uuid not null,
  inbox_key_id uuid not null,
  credential_id bytea not null,
  derivation text not null check (derivation = 'prf-hkdf-sha256/v1'),
  wrapped bytea not null check (length(wrapped) = 60), -- IV 12, key 32, tag 16
  created_at timestamptz(3) not null default now(),
  primary key (msp_id, inbox_key_id, credential_id),
  foreign key (msp_id, inbox_key_id) references inbox_key (msp_id, inbox_key_id) on delete restrict on update cascade
);

create table endorsement (
  msp_id uuid not null,
  endorsement_id uuid not null,
  credential_id bytea not null, -- the signing key
  person_id uuid not null,
  endorsement jsonb not null,
  assertion jsonb not null,
  endorsed_at timestamptz(3) not null default now(),
  primary key (msp_id, endorsement_id),
  foreign key (msp_id, credential_id) references signing_key (msp_id, credential_id) on delete restrict on update cascade,
  foreign key (msp_id, person_id) references person (msp_id, person_id) on delete restrict on update cascade
);

create table endorsed_key (
  msp_id uuid not null,
  endorsement_id uuid not null,
  inbox_key_id uuid not null,
  primary key (msp_id, endorsement_id, inbox_key_id),
  foreign key (msp_id, endorsement_id) references endorsement (msp_id, endorsement_id) on delete restrict on update cascade,
  foreign key (msp_id, inbox_key_id) references inbox_key (msp_id, inbox_key_id) on delete restrict on update cascade
);
create index endorsed_key_msp_id_inbox_key_id_idx on endorsed_key (msp_id, inbox_key_id);

-- What opens the signing house, once: for one subject, by one person, out of one session (DESIGN, The signing house).
create table signing_ticket (
  msp_id uuid not null,
  ticket_id uuid not null,
  kind text not null check (kind in ('enrol', 'endorse')),
  person_id uuid not null,
  session_id uuid not null,
  label text, -- enrol: what the key is to be called
  inbox_key_ids uuid[] not null, -- endorse: whose keys, frozen when the ticket was made
  ticket_sha256 bytea not null check (length(ticket_sha256) = 32),
  agent_sha256 bytea not null check (length(agent_sha256) = 32), -- of the browser's User-Agent
  created_at timestamptz(3) not null default now(),
  ticket_expires_at timestamptz(3) not null,
  traded_at timestamptz(3),
  traded_agent text check (length(traded_agent) <= 120),
  traded_address text check (length(traded_address) <= 64),
  secret_sha256 bytea check (length(secret_sha256) = 32),
  secret_expires_at timestamptz(3),
  outcome text check (outcome in ('done', 'declined', 'refused')),
  outcome_at timestamptz(3),
  outcome_words text, -- of 'done' and 'refused': what the console says about it
  primary key (msp_id, ticket_id),
  foreign key (msp_id, person_id) references person (msp_id, person_id) on delete restrict on update cascade,
  foreign key (msp_id, session_id) references session (msp_id, session_id) on delete cascade on update cascade,
  check ((secret_sha256 is null) = (secret_expires_at is null)),
  check ((outcome is null) = (outcome_at is null))
);
create unique index signing_ticket_ticket_sha256_key on signing_ticket (ticket_sha256);
create unique index signing_ticket_secret_sha256_key on signing_ticket (secret_sha256);
create index signing_ticket_msp_id_person_id_created_at_idx on signing_ticket (msp_id, person_id, created_at desc);
create index signing_ticket_msp_id_session_id_idx on signing_ticket (msp_id, session_id);

alter table signing_policy enable row level security;
alter table signing_policy force row level security;
create policy tenant on signing_policy using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table signing_key enable row level security;
alter table signing_key force row level security;
create policy tenant on signing_key using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table inbox_key enable row level security;
alter table inbox_key force row level security;
create policy tenant on inbox_key using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table inbox_copy enable row level security;
alter table inbox_copy force row level security;
create policy tenant on inbox_copy using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table endorsement enable row level security;
alter table endorsement force row level security;
create policy tenant on endorsement using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table endorsed_key enable row level security;
alter table endorsed_key force row level security;
create policy tenant on endorsed_key using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table signing_ticket enable row level security;
alter table signing_ticket force row level security;
create policy tenant on signing_ticket using (msp_id = current_msp()) with check (msp_id = current_msp());

-- What was signed is never altered; only what happened to it afterwards is added.
grant select, insert, update (hardware_bound, changed_at) on signing_policy to clavitor_app;
grant select, insert, update (last_used_at, removed_at, removed_by) on signing_key to clavitor_app;
grant select, insert, update (replaced_at, differs_at) on inbox_key to clavitor_app;
grant select, insert, delete on inbox_copy to clavitor_app; -- a copy for a passkey that was removed is of no use to anybody
grant select, insert on endorsement to clavitor_app;
grant select, insert on endorsed_key to clavitor_app;
grant select, insert, update (traded_at, traded_agent, traded_address, secret_sha256, secret_expires_at, outcome, outcome_at, outcome_words) on signing_ticket to clavitor_app;

-- The signing house knows no tenant until it holds a ticket or a secret: ids only.
create policy find on signing_ticket for select to clavitor_claim using (true);
grant select (msp_id, ticket_id, ticket_sha256, secret_sha256) on signing_ticket to clavitor_claim;

create function signing_ticket_find(hash bytea) returns table (msp_id uuid, ticket_id uuid)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select t.msp_id, t.ticket_id from signing_ticket t where t.ticket_sha256 = hash;
end;

create function signing_secret_find(hash bytea) returns table (msp_id uuid, ticket_id uuid)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select t.msp_id, t.ticket_id from signing_ticket t where t.secret_sha256 = hash;
end;

grant create on schema public to clavitor_claim;
alter function signing_ticket_find(bytea) owner to clavitor_claim;
alter function signing_secret_find(bytea) owner to clavitor_claim;
revoke create on schema public from clavitor_claim;
revoke all on function signing_ticket_find(bytea), signing_secret_find(bytea) from public;
grant execute on function signing_ticket_find(bytea), signing_secret_find(bytea) to clavitor_app;
