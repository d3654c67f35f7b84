-- Plans, taps, their delivery and the vaults' receipts. What was frozen, signed, sent or answered is never altered: the app may
-- only add what became of it.

create table plan (
    msp_id uuid not null,
    plan_id uuid not null,
    kind text not null check (kind in ('change', 'exit')),
    title text not null check (length(title) between 1 and 240),
    frozen text not null,
    digest bytea not null check (length(digest) = 32),
    made_by uuid not null,
    made_at timestamptz(3) not null default now(),
    not_after timestamptz(3) not null,
    grants integer not null,
    alters integer not null,
    revokes integer not null,
    vault_count integer not null check (vault_count > 0),
    left_out jsonb not null, -- what was asked for and could not go
    handed_to uuid,
    withdrawn_at timestamptz(3),
    withdrawn_by uuid,

    constraint plan_pkey primary key (msp_id,plan_id),
    check ((withdrawn_at is null) = (withdrawn_by is null)),
    check (not_after > made_at)
);

create table plan_operation (
    msp_id uuid not null,
    plan_id uuid not null,
    operation_id uuid not null,
    vault_ref uuid not null,
    place integer not null,
    position integer not null,
    change text not null check (change in ('grant', 'alter', 'revoke', 'leave')),
    person_id uuid,
    uid text,
    revision bigint,

    constraint plan_operation_pkey primary key (msp_id,plan_id,operation_id)
);

create table approval (
    msp_id uuid not null,
    approval_id uuid not null,
    plan_id uuid not null,
    person_id uuid not null,
    credential_id bytea not null,
    digest bytea not null check (length(digest) = 32),
    assertion jsonb not null,
    seed bytea not null check (length(seed) = 32), -- of the pads
    places integer[] not null, -- of the shares in the tree, in the order of lib/protocol/approval.ts
    webauthn bytea not null check (length(webauthn) = 32),
    issued_at bigint not null, -- of the standing shares, Unix seconds
    begun_at timestamptz(3) not null, -- when the first challenge was asked for
    signed_at timestamptz(3) not null default now(),
    stopped_at timestamptz(3),
    stopped_by uuid,

    constraint approval_pkey primary key (msp_id,approval_id),
    check ((stopped_at is null) = (stopped_by is null))
);

create table dispatch (
    msp_id uuid not null,
    dispatch_id uuid not null,
    approval_id uuid not null,
    plan_id uuid not null,
    vault_ref uuid not null,
    kind text not null check (kind in ('fresh', 'standing')),
    rank smallint not null check (rank between 0 and 2),
    body text not null,
    header text not null,
    challenge text not null,
    state text not null,
    words text,
    code text,
    attempts integer not null default 0,
    start_before timestamptz(3) not null,
    first_sent_at timestamptz(3),
    epoch integer,
    accepted_at timestamptz(3),
    settled_at timestamptz(3),
    took_ms integer,
    changed_at timestamptz(3) not null default now(),

    constraint dispatch_pkey primary key (msp_id,dispatch_id),
    check (state in ('waiting', 'held', 'sent', 'accepted', 'proven', 'refused', 'late', 'stopped', 'dropped', 'over', 'lost', 'incident')),
    -- Nothing is accepted or proven that was never sent.
    check (state not in ('sent', 'accepted', 'proven', 'incident') or first_sent_at is not null)
);

create table attempt (
    msp_id uuid not null,
    dispatch_id uuid not null,
    number integer not null,
    fence bigint not null,
    sent_at timestamptz(3) not null,
    took_ms integer,
    outcome text check (outcome in ('receipt', 'refused', 'unknown')),
    status integer,
    code text,
    words text,

    constraint attempt_pkey primary key (msp_id,dispatch_id,number)
);

create table receipt (
    msp_id uuid not null,
    receipt_id uuid not null,
    dispatch_id uuid not null,
    plan_id uuid not null,
    vault_ref uuid not null,
    answer text not null,
    epoch integer not null,
    revision bigint not null,
    applied_at timestamptz(3) not null,
    received_at timestamptz(3) not null default now(),
    read_at timestamptz(3),
    read_revision bigint,

    constraint receipt_pkey primary key (msp_id,receipt_id),
    check ((read_at is null) = (read_revision is null)),
    check (read_revision is null or read_revision >= revision)
);

create table vault_line (
    msp_id uuid not null,
    vault_ref uuid not null,
    rank smallint not null,
    next_at timestamptz(3),
    lease_until timestamptz(3),
    fence bigint not null default 0,
    failures integer not null default 0,
    words text,

    constraint vault_line_pkey primary key (msp_id,vault_ref)
);

create table exit (
    msp_id uuid not null,
    vault_ref uuid not null,
    plan_id uuid not null,
    before jsonb not null,
    gone jsonb,
    gone_at timestamptz(3),

    constraint exit_pkey primary key (msp_id,vault_ref,plan_id),
    check ((gone is null) = (gone_at is null))
);

create index plan_msp_id_made_at_idx on plan(msp_id, made_at desc);
create index plan_operation_msp_id_vault_ref_uid_idx on plan_operation(msp_id, vault_ref, uid);
create index approval_msp_id_plan_id_idx on approval(msp_id, plan_id);
create index dispatch_msp_id_plan_id_idx on dispatch(msp_id, plan_id);
create index dispatch_msp_id_vault_ref_state_idx on dispatch(msp_id, vault_ref, state);
create unique index receipt_msp_id_dispatch_id_key on receipt(msp_id, dispatch_id);
create index receipt_msp_id_plan_id_idx on receipt(msp_id, plan_id);
create index vault_line_due_idx on vault_line(next_at);

alter table plan add constraint plan_msp_id_made_by_fkey foreign key (msp_id, made_by) references person(msp_id, person_id) on delete restrict on update cascade;
alter table plan_operation add constraint plan_operation_msp_id_plan_id_fkey foreign key (msp_id, plan_id) references plan(msp_id, plan_id) on delete restrict on update cascade;
alter table plan_operation add constraint plan_operation_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table approval add constraint approval_msp_id_plan_id_fkey foreign key (msp_id, plan_id) references plan(msp_id, plan_id) on delete restrict on update cascade;
alter table approval add constraint approval_msp_id_person_id_fkey foreign key (msp_id, person_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table approval add constraint approval_msp_id_credential_id_fkey foreign key (msp_id, credential_id) references signing_key(msp_id, credential_id) on delete restrict on update cascade;
alter table dispatch add constraint dispatch_msp_id_approval_id_fkey foreign key (msp_id, approval_id) references approval(msp_id, approval_id) on delete restrict on update cascade;
alter table dispatch add constraint dispatch_msp_id_plan_id_fkey foreign key (msp_id, plan_id) references plan(msp_id, plan_id) on delete restrict on update cascade;
alter table dispatch add constraint dispatch_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table attempt add constraint attempt_msp_id_dispatch_id_fkey foreign key (msp_id, dispatch_id) references dispatch(msp_id, dispatch_id) on delete restrict on update cascade;
alter table receipt add constraint receipt_msp_id_dispatch_id_fkey foreign key (msp_id, dispatch_id) references dispatch(msp_id, dispatch_id) on delete restrict on update cascade;
alter table vault_line add constraint vault_line_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table exit add constraint exit_msp_id_plan_id_fkey foreign key (msp_id, plan_id) references plan(msp_id, plan_id) on delete restrict on update cascade;
alter table exit add constraint exit_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;

-- One share of a kind on its way per plan and vault: another tap comes only after it is known that the first changed nothing.
create unique index dispatch_live_key on dispatch (msp_id, plan_id, vault_ref, kind) where state in ('waiting', 'held', 'sent', 'accepted', 'proven', 'lost', 'incident');

alter table signing_ticket add column plan_id uuid;
alter table signing_ticket add column round uuid;
alter table signing_ticket add column round_at timestamptz(3);
alter table signing_ticket drop constraint signing_ticket_kind_check;
alter table signing_ticket add constraint signing_ticket_kind_check check (kind in ('enrol', 'endorse', 'confirm', 'approve'));
alter table signing_ticket add constraint signing_ticket_approve_check check ((kind = 'approve') = (plan_id is not null));
grant update (round, round_at) on signing_ticket to clavitor_app;

alter table plan enable row level security;
alter table plan force row level security;
create policy tenant on plan using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table plan_operation enable row level security;
alter table plan_operation force row level security;
create policy tenant on plan_operation using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table approval enable row level security;
alter table approval force row level security;
create policy tenant on approval using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table dispatch enable row level security;
alter table dispatch force row level security;
create policy tenant on dispatch using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table attempt enable row level security;
alter table attempt force row level security;
create policy tenant on attempt using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table receipt enable row level security;
alter table receipt force row level security;
create policy tenant on receipt using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table vault_line enable row level security;
alter table vault_line force row level security;
create policy tenant on vault_line using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table exit enable row level security;
alter table exit force row level security;
create policy tenant on exit using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select, insert, update (handed_to, withdrawn_at, withdrawn_by) on plan to clavitor_app;
grant select, insert on plan_operation to clavitor_app;
grant select, insert, update (stopped_at, stopped_by) on approval to clavitor_app;
grant select, insert, update (state, words, code, attempts, first_sent_at, epoch, accepted_at, settled_at, took_ms, changed_at) on dispatch to clavitor_app;
grant select, insert, update (took_ms, outcome, status, code, words) on attempt to clavitor_app;
grant select, insert, update (read_at, read_revision) on receipt to clavitor_app;
grant select, insert, update on vault_line to clavitor_app;
grant select, insert, update (gone, gone_at) on exit to clavitor_app;
-- When a vault is asked again is a clock of the worker's, and no deed (docs/decisions/0020-observations.md).
grant select (msp_id, vault_ref, fence, next_at), update (lease_until, failures, words, next_at) on vault_line to clavitor_observe;
grant select (msp_id, vault_ref, state) on dispatch to clavitor_observe;

-- Which vaults are due to be written to, over all tenants: ids only, under a lease and with a fencing token that rises with each
-- claim. One write in flight per vault by construction, and never more than the cap over all workers: claims are counted one by one.
create policy claim on vault_line to clavitor_claim using (true) with check (true);
grant select (msp_id, vault_ref, rank, next_at, lease_until, fence), update (lease_until, fence) on vault_line to clavitor_claim;

create function vault_line_claim(at_most integer, lease_seconds integer, cap integer)
  returns table (msp_id uuid, vault_ref uuid, fence bigint, lease_until timestamptz)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $body$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(hashtextextended('vault_line_claim', 0));
  return query
  update vault_line l set lease_until = now() + make_interval(secs => least(greatest(lease_seconds, 15), 600)), fence = l.fence + 1
    from (
      select due.msp_id, due.vault_ref from vault_line due
       where due.next_at <= now() and (due.lease_until is null or due.lease_until < now())
       order by due.rank, due.next_at
       limit greatest(0, least(at_most, cap - (select count(*)::integer from vault_line busy where busy.lease_until >= now())))
       for update skip locked
    ) picked
   where l.msp_id = picked.msp_id and l.vault_ref = picked.vault_ref
  returning l.msp_id, l.vault_ref, l.fence, l.lease_until;
end
$body$;

create function vault_line_next_due() returns timestamptz
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select min(greatest(due.next_at, due.lease_until)) from vault_line due where due.next_at is not null;
end;

create or replace function job_wake(task text, at timestamptz default now()) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $body$
begin
  if task not in ('mail_deliver', 'vault_read', 'demo_connect', 'dispatch_deliver') then
    raise exception 'unknown task %', task using errcode = '22023';
  end if;
  perform graphile_worker.add_job(task, '{}'::json, run_at => at, job_key => task);
end
$body$;

grant create on schema public to clavitor_claim;
alter function vault_line_claim(integer, integer, integer) owner to clavitor_claim;
alter function vault_line_next_due() owner to clavitor_claim;
revoke create on schema public from clavitor_claim;
revoke all on function vault_line_claim(integer, integer, integer), vault_line_next_due() from public;
grant execute on function vault_line_claim(integer, integer, integer), vault_line_next_due() to clavitor_app;
