-- The page over the audit: the questions it asks often, each answered by one index in the order of the table. Few, since every one of
-- them is paid for with each event that comes in (bench/audit.ts).
create index audit_event_client_idx on audit_event (msp_id, client_id, at desc, event_id desc);
create index audit_event_person_idx on audit_event (msp_id, person_id, at desc, event_id desc) where person_id is not null;
create index audit_event_refused_idx on audit_event (msp_id, at desc, event_id desc) where outcome <> 'success';
-- Nine of ten events are reads; what changes something is looked for by its kind.
create index audit_event_change_idx on audit_event (msp_id, action, at desc, event_id desc) where action not in ('entry.read', 'totp.read', 'entries.list', 'entries.search', 'calls.marked');
create index audit_event_plan_idx on audit_event (msp_id, plan_id, at desc, event_id desc) where plan_id is not null;
create index audit_event_fault_idx on audit_event (msp_id, at desc, event_id desc) where fault is not null;
create index record_actor_idx on record (msp_id, actor_id, at desc, id desc);

create table audit_view (
    msp_id uuid not null,
    view_id uuid not null,
    owner_id uuid not null,
    name text not null check (length(name) between 1 and 120),
    query text not null check (length(query) <= 2000),
    shared boolean not null,
    saved_at timestamptz(3) not null,

    constraint audit_view_pkey primary key (msp_id,view_id)
);

-- An export is a row and its file is rows: whoever looks sees how far it is, a worker that was killed is followed by another, and every
-- process of the console can hand it out.
create table audit_export (
    msp_id uuid not null,
    export_id uuid not null,
    made_by uuid not null,
    made_at timestamptz(3) not null,
    format text not null check (format in ('csv', 'jsonl', 'ocsf')),
    query text not null check (length(query) <= 2000),
    client_id uuid, -- one client's own evidence pack
    client_ids uuid[] not null, -- whose events are in it
    since timestamptz(3),
    until timestamptz(3) not null,
    manifest jsonb not null,
    expected bigint, -- an estimate
    state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
    words text,
    lines bigint not null default 0,
    bytes bigint not null default 0,
    parts integer not null default 0,
    link bytea check (length(link) = 32),
    cursor text,
    key text,
    started_at timestamptz(3),
    ended_at timestamptz(3),
    expires_at timestamptz(3) not null,
    lease_until timestamptz(3),
    fence bigint not null default 0,

    constraint audit_export_pkey primary key (msp_id,export_id)
);

create table audit_export_part (
    msp_id uuid not null,
    export_id uuid not null,
    part integer not null check (part >= 0),
    bytes bytea not null,

    constraint audit_export_part_pkey primary key (msp_id,export_id,part)
);

create index audit_view_msp_id_owner_id_idx on audit_view(msp_id, owner_id);
create index audit_export_msp_id_made_at_idx on audit_export(msp_id, made_at desc);
create index audit_export_due_idx on audit_export(state, lease_until);

alter table audit_view add constraint audit_view_msp_id_owner_id_fkey foreign key (msp_id, owner_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table audit_export add constraint audit_export_msp_id_made_by_fkey foreign key (msp_id, made_by) references person(msp_id, person_id) on delete restrict on update cascade;
alter table audit_export_part add constraint audit_export_part_msp_id_export_id_fkey foreign key (msp_id, export_id) references audit_export(msp_id, export_id) on delete cascade on update cascade;

alter table audit_view enable row level security;
alter table audit_view force row level security;
create policy tenant on audit_view using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table audit_export enable row level security;
alter table audit_export force row level security;
create policy tenant on audit_export using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table audit_export_part enable row level security;
alter table audit_export_part force row level security;
create policy tenant on audit_export_part using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select, insert, delete on audit_view to clavitor_app;
-- What is in the file is no person's word: only the worker adds to it, as the role that stores what machines saw.
grant select, insert, update (state, words, ended_at) on audit_export to clavitor_app;
grant select on audit_export_part to clavitor_app;
grant select, update (state, words, lines, bytes, parts, link, cursor, key, started_at, ended_at, lease_until) on audit_export to clavitor_observe;
grant select (msp_id, export_id, part), insert on audit_export_part to clavitor_observe;

-- Which exports are due, over all tenants: ids only, under a lease and with a fence that rises with each claim.
create policy claim on audit_export to clavitor_claim using (true) with check (true);
grant select (msp_id, export_id, state, made_at, expires_at, lease_until, fence), update (lease_until, fence), delete on audit_export to clavitor_claim;
create policy claim on audit_export_part to clavitor_claim using (true) with check (true);
grant select (msp_id, export_id), delete on audit_export_part to clavitor_claim;

create function audit_export_claim(lease_seconds integer) returns table (msp_id uuid, export_id uuid, fence bigint)
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update audit_export x set lease_until = now() + make_interval(secs => least(greatest(lease_seconds, 15), 600)), fence = x.fence + 1
    from (select due.msp_id, due.export_id from audit_export due where due.state in ('waiting', 'running') and (due.lease_until is null or due.lease_until < now()) order by due.made_at limit 1 for update skip locked) picked
   where x.msp_id = picked.msp_id and x.export_id = picked.export_id
  returning x.msp_id, x.export_id, x.fence;
end;

create function audit_export_next_due() returns timestamptz
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select min(coalesce(greatest(due.lease_until, now()), now())) from audit_export due where due.state in ('waiting', 'running');
end;

-- Files whose time is over go; that they were made stays in the record. @returns how many
create function audit_export_purge() returns integer
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  with gone as (delete from audit_export x where x.expires_at < now() returning 1) select count(*)::integer from gone;
end;

create function audit_export_wake() returns void
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $body$
begin
  perform graphile_worker.add_job('audit_export', '{}'::json, job_key => 'audit_export');
end
$body$;

grant create on schema public to clavitor_claim, clavitor_jobs;
alter function audit_export_claim(integer) owner to clavitor_claim;
alter function audit_export_next_due() owner to clavitor_claim;
alter function audit_export_purge() owner to clavitor_claim;
alter function audit_export_wake() owner to clavitor_jobs;
revoke create on schema public from clavitor_claim, clavitor_jobs;
revoke all on function audit_export_claim(integer), audit_export_next_due(), audit_export_purge(), audit_export_wake() from public;
grant execute on function audit_export_claim(integer), audit_export_next_due(), audit_export_purge(), audit_export_wake() to clavitor_app;
