-- People, once more: a phrase in place of a passkey that cannot keep an inbox key, an address that is proven, an invitation
-- that lets the same person in again.

-- A copy of an inbox key's private half under six words (docs/decisions/0017-phrase-in-place-of-prf.md). One per key: its
-- credential id is empty. The parameters are kept so that a copy says how it was made, and held here to what the page makes
-- and takes: weaker ones cannot be stored, whoever writes.
alter table inbox_copy
  add column memory_kib int,
  add column passes int,
  add column lanes int,
  add column salt bytea,
  drop constraint inbox_copy_derivation_check,
  add constraint inbox_copy_derivation_check check (
    (derivation = 'prf-hkdf-sha256/v1' and length(credential_id) between 1 and 1023 and num_nulls(memory_kib, passes, lanes, salt) = 4)
    or (derivation = 'phrase-argon2id/v1' and length(credential_id) = 0 and num_nulls(memory_kib, passes, lanes, salt) = 0
        and memory_kib = 65536 and passes = 3 and lanes = 4 and length(salt) = 16)
  );

-- When a link that was sent to the address was opened, or an owner invited the person at it. Who joined before this was kept
-- did so by an invitation; who founded proves it now.
alter table person add column email_verified_at timestamptz(3);
update person p set email_verified_at = p.created_at
  where exists (select 1 from invitation i where i.msp_id = p.msp_id and i.person_id = p.person_id);
grant update (email, email_verified_at) on person to clavitor_app;

-- A one-time link to an address: the person's own, to prove it, or another, which becomes theirs by proving it.
create table address_proof (
  msp_id uuid not null,
  proof_id uuid not null,
  person_id uuid not null,
  email text not null check (length(email) between 3 and 254 and email = lower(email)),
  secret_sha256 bytea not null check (length(secret_sha256) = 32),
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null,
  used_at timestamptz(3),
  replaced_at timestamptz(3), -- a newer link of the same person took its place
  primary key (msp_id, proof_id),
  foreign key (msp_id, person_id) references person (msp_id, person_id) on delete restrict on update cascade,
  check (expires_at <= created_at + interval '3 days 1 second'),
  check (used_at is null or replaced_at is null)
);
create unique index address_proof_secret_sha256_key on address_proof (secret_sha256);
create index address_proof_msp_id_person_id_created_at_idx on address_proof (msp_id, person_id, created_at desc);
alter table address_proof enable row level security;
alter table address_proof force row level security;
create policy tenant on address_proof using (msp_id = current_msp()) with check (msp_id = current_msp());
grant select, insert (msp_id, proof_id, person_id, email, secret_sha256, expires_at), update (used_at, replaced_at) on address_proof to clavitor_app;
create policy find on address_proof for select to clavitor_claim using (true);
grant select (msp_id, proof_id, secret_sha256) on address_proof to clavitor_claim;

create function address_proof_find(secret bytea) returns table (msp_id uuid, proof_id uuid)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select a.msp_id, a.proof_id from address_proof a where a.secret_sha256 = secret;
end;
grant create on schema public to clavitor_claim;
alter function address_proof_find(bytea) owner to clavitor_claim;
revoke create on schema public from clavitor_claim;
revoke all on function address_proof_find(bytea) from public;
grant execute on function address_proof_find(bytea) to clavitor_app;

-- An invitation for somebody who is a member already and lost every key: whoever uses it is that person, nobody else.
alter table invitation
  add column for_person uuid,
  add foreign key (msp_id, for_person) references person (msp_id, person_id) on delete restrict on update cascade,
  add check (for_person is null or person_id is null or person_id = for_person);
grant insert (for_person) on invitation to clavitor_app;
