-- Revocation boards: whose tokens shall be gone, what each vault signed of it, the certificates, and what their holder had opened.
-- What a board was opened for is never altered; what became of it is added.

create table revocation (
    msp_id uuid not null,
    revocation_id uuid not null,
    cause text not null check (cause in ('leaver', 'token')),
    person_id uuid,
    name text not null check (length(name) between 1 and 240),
    reason text,
    opened_by uuid not null,
    opened_at timestamptz(3) not null default now(),
    closed_at timestamptz(3),
    reopened_at timestamptz(3),
    reopened_words text,

    constraint revocation_pkey primary key (msp_id,revocation_id),
    check ((reopened_at is null) = (reopened_words is null))
);

create table revocation_row (
    msp_id uuid not null,
    revocation_id uuid not null,
    vault_ref uuid not null,
    uid text not null,
    agent_id integer not null,
    name text not null,
    scopes text not null,
    all_access boolean not null,
    own boolean not null, -- the client's own: shown with its contact, never ours to remove
    left_out text, -- why no plan could hold it when the board was opened
    absent_at timestamptz(3),
    absent_epoch integer,
    absent_revision bigint,
    evidence jsonb, -- the primary's signed list and statement, as they came
    present_at timestamptz(3), -- a signed list of a primary showed it after it had been removed
    present_epoch integer,
    present_revision bigint,
    apart_at timestamptz(3), -- a person said that it can be proven no more
    apart_by uuid,
    apart_words text,
    seen_at timestamptz(3), -- when the vault's log was read for what it had opened
    seen_words text, -- what that log does not tell us, in words
    seen_from timestamptz(3),
    seen_complete boolean,

    constraint revocation_row_pkey primary key (msp_id,revocation_id,vault_ref,uid),
    check ((absent_at is null) = (absent_epoch is null) and (absent_at is null) = (absent_revision is null) and (absent_at is null) = (evidence is null)),
    check ((present_at is null) = (present_epoch is null) and (present_at is null) = (present_revision is null)),
    check ((apart_at is null) = (apart_by is null) and (apart_at is null) = (apart_words is null)),
    check (not own or (absent_at is null and apart_at is null))
);

create table revocation_certificate (
    msp_id uuid not null,
    revocation_id uuid not null,
    number integer not null check (number > 0),
    issued_at timestamptz(3) not null,
    digest bytea not null check (length(digest) = 32),
    proven integer not null,
    certificate text not null, -- canonical JSON, to the byte

    constraint revocation_certificate_pkey primary key (msp_id,revocation_id,number)
);

create table revocation_seen (
    msp_id uuid not null,
    revocation_id uuid not null,
    vault_ref uuid not null,
    uid text not null, -- of the token
    entry text not null, -- uid of the entry: what it is called, the console cannot know
    reads integer not null check (reads > 0),
    first_at timestamptz(3) not null,
    last_at timestamptz(3) not null,
    changed_at timestamptz(3),
    removed boolean not null default false,

    constraint revocation_seen_pkey primary key (msp_id,revocation_id,vault_ref,uid,entry)
);

create index revocation_msp_id_opened_at_idx on revocation(msp_id, opened_at desc);
create index revocation_row_msp_id_vault_ref_uid_idx on revocation_row(msp_id, vault_ref, uid);
alter table revocation add constraint revocation_msp_id_opened_by_fkey foreign key (msp_id, opened_by) references person(msp_id, person_id) on delete restrict on update cascade;
alter table revocation add constraint revocation_msp_id_person_id_fkey foreign key (msp_id, person_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table revocation_row add constraint revocation_row_msp_id_revocation_id_fkey foreign key (msp_id, revocation_id) references revocation(msp_id, revocation_id) on delete restrict on update cascade;
alter table revocation_row add constraint revocation_row_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table revocation_certificate add constraint revocation_certificate_msp_id_revocation_id_fkey foreign key (msp_id, revocation_id) references revocation(msp_id, revocation_id) on delete restrict on update cascade;
alter table revocation_seen add constraint revocation_seen_msp_id_revocation_id_vault_ref_uid_fkey foreign key (msp_id, revocation_id, vault_ref, uid) references revocation_row(msp_id, revocation_id, vault_ref, uid) on delete restrict on update cascade;

alter table revocation enable row level security;
alter table revocation force row level security;
create policy tenant on revocation using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table revocation_row enable row level security;
alter table revocation_row force row level security;
create policy tenant on revocation_row using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table revocation_certificate enable row level security;
alter table revocation_certificate force row level security;
create policy tenant on revocation_certificate using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table revocation_seen enable row level security;
alter table revocation_seen force row level security;
create policy tenant on revocation_seen using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select, insert, update (closed_at, reopened_at, reopened_words) on revocation to clavitor_app;
grant select, insert, update (absent_at, absent_epoch, absent_revision, evidence, present_at, present_epoch, present_revision, apart_at, apart_by, apart_words, seen_at, seen_words, seen_from, seen_complete) on revocation_row to clavitor_app;
grant select, insert on revocation_certificate to clavitor_app;
-- A log is read again when a vault could not be read whole: its rows are then written anew.
grant select, insert, delete on revocation_seen to clavitor_app;

-- Boards that somebody must look at, over all tenants, ids only: the open ones; closed ones whose proof a vault has overtaken (it was
-- restored or promoted since, it contradicts itself, or shows the row again); and for a day those whose last log is still to be read.
create policy claim on revocation for select to clavitor_claim using (true);
create policy claim on revocation_row for select to clavitor_claim using (true);
grant select (msp_id, revocation_id, closed_at) on revocation to clavitor_claim;
grant select (msp_id, revocation_id, vault_ref, uid, own, absent_at, absent_epoch, seen_at) on revocation_row to clavitor_claim;
create policy overtaken on reading for select to clavitor_claim using (true);
grant select (msp_id, vault_ref, epoch, health) on reading to clavitor_claim;
create policy overtaken on known_agent for select to clavitor_claim using (true);
grant select (msp_id, vault_ref, uid) on known_agent to clavitor_claim;

create function revocation_due() returns table (msp_id uuid, revocation_id uuid)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select r.msp_id, r.revocation_id from revocation r where r.closed_at is null
  union
  select w.msp_id, w.revocation_id
    from revocation_row w
    join revocation r on r.msp_id = w.msp_id and r.revocation_id = w.revocation_id and r.closed_at is not null
    left join reading g on g.msp_id = w.msp_id and g.vault_ref = w.vault_ref
    left join known_agent k on k.msp_id = w.msp_id and k.vault_ref = w.vault_ref and k.uid = w.uid
   where not w.own and w.absent_epoch is not null and (g.epoch > w.absent_epoch or g.health = 'lying' or k.uid is not null or (r.closed_at > now() - interval '1 day' and (w.seen_at is null or w.seen_at < w.absent_at)));
end;

grant create on schema public to clavitor_claim;
alter function revocation_due() owner to clavitor_claim;
revoke create on schema public from clavitor_claim;
revoke all on function revocation_due() from public;
grant execute on function revocation_due() to clavitor_app;
