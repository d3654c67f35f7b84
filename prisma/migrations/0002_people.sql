-- People: who belongs to an MSP, with which rights, keys and sessions; invitations; the way back for an owner without a key.
--
-- Work before a tenant is known (a key at the sign-in page, the secret of a link) goes through functions of clavitor_claim,
-- which see the columns named here and give ids away, nothing else.

create table person (
  msp_id uuid not null references msp (msp_id) on delete restrict on update cascade,
  person_id uuid not null,
  name text not null check (length(name) between 1 and 120),
  email text not null check (length(email) between 3 and 254 and email = lower(email)),
  rights text[] not null check (rights <@ array['owner', 'technician', 'finance', 'auditor'] and cardinality(rights) between 1 and 4),
  created_at timestamptz(3) not null default now(),
  frozen_at timestamptz(3),
  primary key (msp_id, person_id)
);
create unique index person_msp_id_email_key on person (msp_id, email);

-- A passkey for the console (sign-in and step-up), never for signing (PROTOCOL 6, "One credential, one purpose").
create table passkey (
  msp_id uuid not null,
  credential_id bytea not null check (length(credential_id) between 16 and 1023),
  person_id uuid not null,
  public_key bytea not null, -- COSE
  counter bigint not null default 0,
  transports text[] not null,
  backup_eligible boolean not null,
  backed_up boolean not null,
  aaguid uuid not null,
  label text not null check (length(label) between 1 and 120),
  created_at timestamptz(3) not null default now(),
  last_used_at timestamptz(3),
  primary key (msp_id, credential_id),
  foreign key (msp_id, person_id) references person (msp_id, person_id) on delete restrict on update cascade
);
-- One credential opens one person's door in one MSP, wherever it is shown.
create unique index passkey_credential_id_key on passkey (credential_id);
create index passkey_msp_id_person_id_idx on passkey (msp_id, person_id);

-- "session" is what the cookie names; idle and absolute limits are judged here, by the database's clock.
create table session (
  msp_id uuid not null,
  session_id uuid not null,
  person_id uuid not null,
  credential_id bytea not null,
  created_at timestamptz(3) not null default now(),
  seen_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null,
  revoked_at timestamptz(3),
  agent text not null check (length(agent) <= 120),
  address text not null check (length(address) <= 64),
  check (expires_at <= created_at + interval '12 hours 1 second'), -- a second for the rounding of both
  primary key (msp_id, session_id),
  foreign key (msp_id, person_id) references person (msp_id, person_id) on delete restrict on update cascade
);
create index session_msp_id_person_id_seen_at_idx on session (msp_id, person_id, seen_at desc);

-- One WebAuthn challenge for one ceremony of one browser. Ceremonies of a signed-in person live in their tenant, those of
-- visitors in the installation's. What is kept is the derived challenge H("clavitor/<purpose>/v1\n" || bytes) of PROTOCOL 6,
-- which a page that signs the bytes as handed never meets, and a hash of what it is bound to.
create table challenge (
  msp_id uuid not null references msp (msp_id) on delete restrict on update cascade,
  challenge_id uuid not null,
  purpose text not null check (purpose in ('signup', 'signin', 'join', 'recover', 'addkey', 'stepup', 'inbox')),
  webauthn_challenge bytea not null check (length(webauthn_challenge) = 32),
  bound_to bytea not null check (length(bound_to) = 32),
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null,
  burned_at timestamptz(3),
  primary key (msp_id, challenge_id)
);
create index challenge_expires_at_idx on challenge (expires_at);

create table invitation (
  msp_id uuid not null references msp (msp_id) on delete restrict on update cascade,
  invitation_id uuid not null,
  secret_sha256 bytea not null check (length(secret_sha256) = 32),
  email text not null check (length(email) between 3 and 254 and email = lower(email)),
  rights text[] not null check (rights <@ array['owner', 'technician', 'finance', 'auditor'] and cardinality(rights) between 1 and 4),
  invited_by uuid not null,
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null,
  used_at timestamptz(3),
  revoked_at timestamptz(3),
  person_id uuid,
  primary key (msp_id, invitation_id),
  foreign key (msp_id, invited_by) references person (msp_id, person_id) on delete restrict on update cascade,
  check (expires_at <= created_at + interval '7 days 1 second'),
  check (used_at is null or revoked_at is null),
  check ((used_at is null) = (person_id is null))
);
create unique index invitation_secret_sha256_key on invitation (secret_sha256);
create index invitation_msp_id_created_at_idx on invitation (msp_id, created_at desc);

create table owner_recovery (
  msp_id uuid not null,
  recovery_id uuid not null,
  person_id uuid not null,
  secret_sha256 bytea not null check (length(secret_sha256) = 32),
  created_at timestamptz(3) not null default now(),
  effective_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  used_at timestamptz(3),
  stopped_at timestamptz(3),
  primary key (msp_id, recovery_id),
  foreign key (msp_id, person_id) references person (msp_id, person_id) on delete restrict on update cascade,
  check (effective_at >= created_at + interval '23 hours 59 minutes 59 seconds'), -- a second for the rounding of both; SPEC 11; not even a mistake in code shortens it
  check (used_at is null or stopped_at is null)
);
create unique index owner_recovery_secret_sha256_key on owner_recovery (secret_sha256);

alter table person enable row level security;
alter table person force row level security;
create policy tenant on person using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table passkey enable row level security;
alter table passkey force row level security;
create policy tenant on passkey using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table session enable row level security;
alter table session force row level security;
create policy tenant on session using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table challenge enable row level security;
alter table challenge force row level security;
create policy tenant on challenge using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table invitation enable row level security;
alter table invitation force row level security;
create policy tenant on invitation using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table owner_recovery enable row level security;
alter table owner_recovery force row level security;
create policy tenant on owner_recovery using (msp_id = current_msp()) with check (msp_id = current_msp());

-- What identifies and what was proven is never altered; only what changes may be.
grant select, insert, update (name, rights, frozen_at) on person to clavitor_app;
grant select, insert, update (counter, backed_up, label, last_used_at), delete on passkey to clavitor_app;
-- When a session, a link or a way back began is the database's own to say: their longest life is counted from it.
grant select, insert (msp_id, session_id, person_id, credential_id, expires_at, agent, address), update (revoked_at) on session to clavitor_app;
grant select, insert (msp_id, invitation_id, secret_sha256, email, rights, invited_by, expires_at), update (used_at, revoked_at, person_id) on invitation to clavitor_app;
grant select, insert (msp_id, recovery_id, person_id, secret_sha256, effective_at, expires_at), update (used_at, stopped_at) on owner_recovery to clavitor_app;
-- challenge: nothing. Drawn and burned through the functions below only, so that none is looked at without being burned.

create policy find on passkey for select to clavitor_claim using (true);
grant select (msp_id, person_id, credential_id) on passkey to clavitor_claim;
create policy find on invitation for select to clavitor_claim using (true);
grant select (msp_id, invitation_id, secret_sha256) on invitation to clavitor_claim;
create policy find on owner_recovery for select to clavitor_claim using (true);
grant select (msp_id, recovery_id, secret_sha256) on owner_recovery to clavitor_claim;
create policy find on person for select to clavitor_claim using (true);
grant select (msp_id, person_id, email, rights, frozen_at) on person to clavitor_claim;
create policy judge on session to clavitor_claim using (true) with check (true);
grant select (msp_id, session_id, person_id, seen_at, expires_at, revoked_at), update (seen_at), delete on session to clavitor_claim;
create policy ceremony on challenge to clavitor_claim using (true) with check (true);
grant select, insert, update (burned_at), delete on challenge to clavitor_claim;

create function passkey_find(credential bytea) returns table (msp_id uuid, person_id uuid)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select k.msp_id, k.person_id from passkey k where k.credential_id = credential;
end;

create function invitation_find(secret bytea) returns table (msp_id uuid, invitation_id uuid)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select i.msp_id, i.invitation_id from invitation i where i.secret_sha256 = secret;
end;

create function owner_recovery_find(secret bytea) returns table (msp_id uuid, recovery_id uuid)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select r.msp_id, r.recovery_id from owner_recovery r where r.secret_sha256 = secret;
end;

-- For npm run owner:recover, which is told an address. One person may own several MSPs.
create function owner_find(address text) returns table (msp_id uuid, person_id uuid)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select p.msp_id, p.person_id from person p where p.email = lower(address) and 'owner' = any (p.rights) and p.frozen_at is null;
end;

-- The one judge of a session. `active`: a person did something, which a poll is not; only then does the idle clock begin anew.
-- The order matters: what a person did to it is said before what time did to it.
create function session_judge(msp uuid, session uuid, active boolean)
  returns table (verdict text, person_id uuid, idle_ends_at timestamptz)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $body$
declare
  idle constant interval := interval '30 minutes'; -- not the caller's to choose
  row record;
begin
  select s.person_id, s.seen_at, s.expires_at, s.revoked_at, p.frozen_at into row
    from session s join person p on p.msp_id = s.msp_id and p.person_id = s.person_id
   where s.msp_id = msp and s.session_id = session;
  if not found then
    return query select 'unknown', null::uuid, null::timestamptz;
  elsif row.frozen_at is not null then
    return query select 'frozen', row.person_id, null::timestamptz;
  elsif row.revoked_at is not null then
    return query select 'revoked', row.person_id, null::timestamptz;
  elsif row.expires_at <= now() then
    return query select 'expired', row.person_id, null::timestamptz;
  elsif row.seen_at + idle <= now() then
    return query select 'idle', row.person_id, null::timestamptz;
  else
    -- Once in ten seconds is exact enough, and spares a write per click.
    if active and row.seen_at < now() - interval '10 seconds' then
      update session s set seen_at = now() where s.msp_id = msp and s.session_id = session;
      row.seen_at := now();
    end if;
    return query select 'live', row.person_id, least(row.expires_at, row.seen_at + idle);
  end if;
end
$body$;

-- Open for five minutes: time to find the key, not to carry the question elsewhere.
create function challenge_draw(msp uuid, id uuid, what text, derived bytea, bound bytea) returns void
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  insert into challenge (msp_id, challenge_id, purpose, webauthn_challenge, bound_to, expires_at)
  values (msp, id, what, derived, bound, now() + interval '5 minutes');
end;

-- Burned by the first look, whatever is found: a challenge is judged at most once.
create function challenge_burn(msp uuid, id uuid, what text, bound bytea) returns table (verdict text, derived bytea)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $body$
declare
  row record;
begin
  select c.purpose, c.webauthn_challenge, c.bound_to, c.expires_at, c.burned_at into row
    from challenge c where c.msp_id = msp and c.challenge_id = id for update;
  if not found then
    return query select 'unknown', null::bytea;
    return;
  end if;
  update challenge c set burned_at = coalesce(c.burned_at, now()) where c.msp_id = msp and c.challenge_id = id;
  if row.burned_at is not null then
    return query select 'spent', null::bytea;
  elsif row.purpose <> what or row.bound_to <> bound then
    return query select 'foreign', null::bytea;
  elsif row.expires_at <= now() then
    return query select 'expired', null::bytea;
  else
    return query select 'fresh', row.webauthn_challenge;
  end if;
end
$body$;

-- Ceremonies that are over are remembered for an hour, so that a late answer is told why; ended sessions for thirty days.
create function identity_purge() returns void
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  delete from challenge where expires_at < now() - interval '1 hour';
  delete from session where expires_at < now() - interval '30 days';
end;

grant create on schema public to clavitor_claim;
alter function passkey_find(bytea) owner to clavitor_claim;
alter function invitation_find(bytea) owner to clavitor_claim;
alter function owner_recovery_find(bytea) owner to clavitor_claim;
alter function owner_find(text) owner to clavitor_claim;
alter function session_judge(uuid, uuid, boolean) owner to clavitor_claim;
alter function challenge_draw(uuid, uuid, text, bytea, bytea) owner to clavitor_claim;
alter function challenge_burn(uuid, uuid, text, bytea) owner to clavitor_claim;
alter function identity_purge() owner to clavitor_claim;
revoke create on schema public from clavitor_claim;

revoke all on function passkey_find(bytea), invitation_find(bytea), owner_recovery_find(bytea), owner_find(text), session_judge(uuid, uuid, boolean),
  challenge_draw(uuid, uuid, text, bytea, bytea), challenge_burn(uuid, uuid, text, bytea), identity_purge() from public;
grant execute on function passkey_find(bytea), invitation_find(bytea), owner_recovery_find(bytea), owner_find(text), session_judge(uuid, uuid, boolean),
  challenge_draw(uuid, uuid, text, bytea, bytea), challenge_burn(uuid, uuid, text, bytea), identity_purge() to clavitor_app;
