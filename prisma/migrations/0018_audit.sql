-- What the vaults' own logs say, pulled and checked (PROTOCOL 9), how far it goes and what is wrong with it; and our own records as
-- leaves of a tree whose root is signed. Nothing here is altered by whoever runs but links, cursors and what became of a finding.

-- Partitioned by our own clock: a vault's may lie. Who reads or writes goes through this table, never through a partition, which has
-- no policy and on which nobody who runs has a right.
create table audit_event (
    msp_id uuid not null,
    received_at timestamptz(3) not null,
    event_id uuid not null, -- version 7, its time is received_at
    at timestamptz(3) not null, -- by which it is ordered: the vault's time where that can be (lib/audit/event.ts)
    skewed boolean not null,
    vault_ref uuid not null,
    client_id uuid not null,
    stream text not null,
    epoch integer not null,
    branch smallint not null, -- above 0: another story of the same place on the chain
    seq bigint not null,
    vault_at bigint not null, -- milliseconds, as the vault said
    actor_kind text not null,
    agent_id integer,
    agent_uid text,
    person_id uuid,
    actor_name text,
    action text not null,
    outcome text not null,
    target_kind text,
    target_id text,
    target_person_id uuid,
    reason text,
    ip text,
    detail text, -- canonical JSON as hashed; null: masked or erased
    detail_hash bytea not null,
    prev bytea not null,
    hash bytea not null,
    plan_id uuid,
    receipt_id uuid,
    fault text, -- what breaks at this event

    constraint audit_event_pkey primary key (msp_id,received_at,event_id)
) partition by range (received_at);

create table audit_stream (
    msp_id uuid not null,
    vault_ref uuid not null,
    stream text not null,
    vault_key text not null,
    branch smallint not null default 0,
    epoch integer not null default 0,
    seq bigint not null default 0,
    hash bytea,
    at timestamptz(3),
    vault_at bigint,
    first_seq bigint not null default 1,
    events bigint not null default 0,
    masked bigint not null default 0,
    from_at timestamptz(3),
    complete_until timestamptz(3),
    head text,
    head_mode text,
    head_seen_at timestamptz(3),

    constraint audit_stream_pkey primary key (msp_id,vault_ref,stream),
    check (stream in ('primary', 'backup')),
    check ((seq = 0) = (hash is null)),
    check (head_mode in ('primary', 'backup'))
);

create table audit_pull (
    msp_id uuid not null,
    vault_ref uuid not null,
    state text not null default 'unread',
    words text,
    backup_key text,
    skew_ms bigint,
    failures integer not null default 0,
    pulled_at timestamptz(3),
    next_at timestamptz(3) not null default now(),
    lease_until timestamptz(3),

    constraint audit_pull_pkey primary key (msp_id,vault_ref),
    check (state in ('unread', 'ok', 'behind', 'failover', 'silent', 'withheld', 'broken', 'ended'))
);

create table audit_agent (
    msp_id uuid not null,
    vault_ref uuid not null,
    agent_id integer not null,
    uid text not null,
    name text not null,
    person_id uuid,

    constraint audit_agent_pkey primary key (msp_id,vault_ref,agent_id)
);

create table audit_finding (
    msp_id uuid not null,
    finding_id uuid not null,
    vault_ref uuid, -- null: of our own records
    stream text,
    branch smallint not null default 0,
    epoch integer not null default 0,
    seq bigint not null, -- of our own records: their position
    seq_to bigint not null,
    kind text not null,
    severity text not null,
    expected text,
    found text,
    words text not null,
    evidence text,
    before_at timestamptz(3),
    after_at timestamptz(3),
    seen_at timestamptz(3) not null default now(),
    last_seen_at timestamptz(3) not null default now(),
    times integer not null default 1,

    constraint audit_finding_pkey primary key (msp_id,finding_id),
    check (severity in ('tampering', 'notice')),
    check (seq_to >= seq),
    check ((vault_ref is null) = (stream is null))
);

create table audit_receipt (
    msp_id uuid not null,
    receipt_id uuid not null,
    verdict text not null,
    event_id uuid,
    checked_at timestamptz(3) not null default now(),

    constraint audit_receipt_pkey primary key (msp_id,receipt_id),
    check (verdict in ('on_chain', 'off_chain', 'not_held')),
    check ((verdict = 'on_chain') = (event_id is not null))
);

create table audit_setting (
    msp_id uuid not null,
    keep_months integer,
    changed_at timestamptz(3) not null default now(),

    constraint audit_setting_pkey primary key (msp_id),
    check (keep_months between 6 and 1200) -- null: kept without end
);

-- Our own records as leaves (RFC 9162 2.1), in the order in which they were found. nodes: the leaf's hash, then those of all subtrees
-- that it completes, 32 bytes each from the leaf up: a proof of any size reads some twenty rows.
create table record_leaf (
    msp_id uuid not null,
    position bigint not null,
    record_id uuid not null,
    nodes bytea not null,
    client_id uuid,
    vault_ref uuid,
    person_id uuid,
    plan_id uuid,

    constraint record_leaf_pkey primary key (msp_id,position),
    check (position >= 0),
    check (length(nodes) >= 32 and length(nodes) % 32 = 0)
);

create table checkpoint (
    msp_id uuid not null,
    size bigint not null,
    root bytea not null,
    note text not null,
    signed_at timestamptz(3) not null default now(),

    constraint checkpoint_pkey primary key (msp_id,size),
    check (length(root) = 32)
);

create index audit_event_msp_id_at_event_id_idx on audit_event(msp_id, at desc, event_id desc);
create index audit_event_msp_id_vault_ref_stream_seq_epoch_idx on audit_event(msp_id, vault_ref, stream, seq, epoch);
create index audit_pull_due_idx on audit_pull(next_at);
create index audit_agent_msp_id_vault_ref_uid_idx on audit_agent(msp_id, vault_ref, uid);
create index audit_finding_msp_id_seen_at_idx on audit_finding(msp_id, seen_at desc);
create unique index record_leaf_msp_id_record_id_key on record_leaf(msp_id, record_id);
create index record_leaf_msp_id_client_id_idx on record_leaf(msp_id, client_id);
create index record_leaf_msp_id_person_id_idx on record_leaf(msp_id, person_id);
create index record_leaf_msp_id_plan_id_idx on record_leaf(msp_id, plan_id);

alter table audit_stream add constraint audit_stream_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table audit_pull add constraint audit_pull_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table audit_agent add constraint audit_agent_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table audit_finding add constraint audit_finding_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table audit_receipt add constraint audit_receipt_msp_id_receipt_id_fkey foreign key (msp_id, receipt_id) references receipt(msp_id, receipt_id) on delete restrict on update cascade;
alter table audit_setting add constraint audit_setting_msp_id_fkey foreign key (msp_id) references msp(msp_id) on delete restrict on update cascade;
alter table record_leaf add constraint record_leaf_msp_id_record_id_fkey foreign key (msp_id, record_id) references record(msp_id, id) on delete restrict on update cascade;
alter table checkpoint add constraint checkpoint_msp_id_fkey foreign key (msp_id) references msp(msp_id) on delete restrict on update cascade;

-- The same thing found again is counted, not listed again.
create unique index audit_finding_place_key on audit_finding (msp_id, vault_ref, stream, epoch, branch, kind, seq) nulls not distinct;

alter table audit_event enable row level security;
alter table audit_event force row level security;
create policy tenant on audit_event using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table audit_stream enable row level security;
alter table audit_stream force row level security;
create policy tenant on audit_stream using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table audit_pull enable row level security;
alter table audit_pull force row level security;
create policy tenant on audit_pull using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table audit_agent enable row level security;
alter table audit_agent force row level security;
create policy tenant on audit_agent using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table audit_finding enable row level security;
alter table audit_finding force row level security;
create policy tenant on audit_finding using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table audit_receipt enable row level security;
alter table audit_receipt force row level security;
create policy tenant on audit_receipt using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table audit_setting enable row level security;
alter table audit_setting force row level security;
create policy tenant on audit_setting using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table record_leaf enable row level security;
alter table record_leaf force row level security;
create policy tenant on record_leaf using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table checkpoint enable row level security;
alter table checkpoint force row level security;
create policy tenant on checkpoint using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select on audit_event, audit_stream, audit_pull, audit_agent, audit_finding, audit_receipt, record_leaf, checkpoint to clavitor_app;
grant select, insert, update on audit_setting to clavitor_app;
-- Storing what machines saw (0010_observe.sql). Of an event only its links to our own rows come later.
grant select, insert, update (agent_uid, person_id, target_person_id, plan_id, receipt_id) on audit_event to clavitor_observe;
grant select, insert, update on audit_stream, audit_agent, audit_finding to clavitor_observe;
grant select, insert on audit_receipt, record_leaf, checkpoint to clavitor_observe;
grant select, insert, update (state, words, backup_key, skew_ms, failures, pulled_at, next_at, lease_until) on audit_pull to clavitor_observe;
grant select on record, receipt, plan_operation, approval, drift to clavitor_observe;
grant select (msp_id, vault_ref, client_id) on vault to clavitor_observe;
grant select (msp_id, dispatch_id, plan_id) on dispatch to clavitor_observe;
grant select (msp_id, person_id) on person to clavitor_observe;
grant select (msp_id, client_id) on client to clavitor_observe;
grant select (msp_id, link_id, client_id) on glass_link to clavitor_observe;

-- Months, made ahead. What came into the default partition meanwhile moves to its own. Directly on partitions, which have no policy:
-- only this function, which belongs to the owner, gets there. @returns the partitions made
create function audit_partitions(months_ahead integer default 3) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $body$
declare
  month timestamptz := date_trunc('month', now(), 'UTC');
  name text;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit_partitions', 0));
  for i in 0 .. least(greatest(months_ahead, 1), 24) loop
    name := 'audit_event_' || to_char(month at time zone 'UTC', 'YYYY_MM');
    if to_regclass('public.' || quote_ident(name)) is null then
      execute format('create table public.%I (like public.audit_event including defaults including constraints)', name);
      if to_regclass('public.audit_event_default') is not null then
        execute format('with moved as (delete from public.audit_event_default where received_at >= %L and received_at < %L returning *) insert into public.%I select * from moved', month, month + interval '1 month', name);
      end if;
      execute format('alter table public.audit_event attach partition public.%I for values from (%L) to (%L)', name, month, month + interval '1 month');
      made := made + 1;
    end if;
    month := date_trunc('month', (month at time zone 'UTC') + interval '1 month') at time zone 'UTC';
  end loop;
  return made;
end
$body$;

create table audit_event_default partition of audit_event default;
select audit_partitions();

-- Forgets what one tenant received before a moment, at most so many rows at once, never anything younger than six months, and drops
-- months that nobody has anything in. The owner is bound by the tenant's policy like everybody (FORCE). @returns the rows forgotten
create function audit_forget(before timestamptz, at_most integer) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $body$
declare
  until timestamptz := least(before, now() - interval '6 months');
  gone integer;
begin
  if current_msp() is null then
    raise exception 'no tenant is set' using errcode = '22023';
  end if;
  delete from audit_event e using (
    select received_at, event_id from audit_event where msp_id = current_msp() and received_at < until order by received_at, event_id limit least(greatest(at_most, 0), 50000)
  ) old where e.msp_id = current_msp() and e.received_at = old.received_at and e.event_id = old.event_id;
  get diagnostics gone = row_count;
  -- From when on a log is held begins later now.
  if gone > 0 then
    update audit_stream s set from_at = greatest(s.from_at, until) where s.msp_id = current_msp();
  end if;
  return gone;
end
$body$;

create function audit_partitions_empty() returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $body$
declare
  name text;
  empty boolean;
  dropped integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit_partitions', 0));
  for name in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'public.audit_event'::regclass and c.relname ~ '^audit_event_\d{4}_\d{2}$'
       and to_date(right(c.relname, 7), 'YYYY_MM') < (now() - interval '7 months')::date
  loop
    execute format('select not exists (select from public.%I)', name) into empty;
    if empty then
      execute format('drop table public.%I', name);
      dropped := dropped + 1;
    end if;
  end loop;
  return dropped;
end
$body$;

-- Which vaults are due to be pulled, over all tenants: ids only, under a lease. A vault that is read (lib/known) is pulled.
create policy claim on audit_pull to clavitor_claim using (true) with check (true);
grant select (msp_id, vault_ref, state, next_at, lease_until), insert (msp_id, vault_ref), update (state, words, next_at, lease_until) on audit_pull to clavitor_claim;
grant select (msp_id, vault_ref, next_read_at) on reading to clavitor_claim;

create function audit_pull_begin() returns integer
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  with read as (select r.msp_id, r.vault_ref from reading r where r.next_read_at < '9999-01-01'),
  made as (
    insert into audit_pull (msp_id, vault_ref)
    select r.msp_id, r.vault_ref from read r where not exists (select from audit_pull p where p.msp_id = r.msp_id and p.vault_ref = r.vault_ref)
    on conflict do nothing returning 1
  ), again as (
    -- Ended, and connected anew since.
    update audit_pull p set state = 'unread', words = null, next_at = now(), lease_until = null from read r
     where p.state = 'ended' and r.msp_id = p.msp_id and r.vault_ref = p.vault_ref returning 1
  ) select ((select count(*) from made) + (select count(*) from again))::integer;
end;

create function audit_pull_claim(at_most integer, lease_seconds integer)
  returns table (msp_id uuid, vault_ref uuid, lease_until timestamptz)
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update audit_pull p set lease_until = now() + make_interval(secs => least(greatest(lease_seconds, 15), 600))
    from (
      select due.msp_id, due.vault_ref from audit_pull due
       where due.next_at <= now() and (due.lease_until is null or due.lease_until < now())
       order by due.next_at limit least(at_most, 500) for update skip locked
    ) picked
   where p.msp_id = picked.msp_id and p.vault_ref = picked.vault_ref
  returning p.msp_id, p.vault_ref, p.lease_until;
end;

create function audit_pull_next_due() returns timestamptz
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select min(greatest(due.next_at, due.lease_until)) from audit_pull due where due.next_at < '9999-01-01';
end;

-- Tenants, ids only: whose records may have grown, and whose retention is looked at.
create policy claim on msp for select to clavitor_claim using (true);
grant select (msp_id) on msp to clavitor_claim;
create function audit_tenants() returns table (msp_id uuid)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select m.msp_id from msp m;
end;

grant create on schema public to clavitor_claim;
alter function audit_pull_begin() owner to clavitor_claim;
alter function audit_pull_claim(integer, integer) owner to clavitor_claim;
alter function audit_pull_next_due() owner to clavitor_claim;
alter function audit_tenants() owner to clavitor_claim;
revoke create on schema public from clavitor_claim;
revoke all on function audit_partitions(integer), audit_forget(timestamptz, integer), audit_partitions_empty(), audit_pull_begin(), audit_pull_claim(integer, integer), audit_pull_next_due(), audit_tenants() from public;
grant execute on function audit_partitions(integer), audit_forget(timestamptz, integer), audit_partitions_empty(), audit_pull_begin(), audit_pull_claim(integer, integer), audit_pull_next_due(), audit_tenants() to clavitor_app;
