-- The ground: tenants, our own audit entries, the mail outbox, outcomes remembered once, the worker's heartbeat.
--
-- Who may do what (roles are made by lib/db/roles.ts):
--   clavitor_owner  owns tables and functions, runs migrations, is used by no running part
--   clavitor_app    console and worker; owns nothing, cannot bypass row-level security
--   clavitor_claim  nobody logs in as it; owns the functions that look across tenants and sees ids only
--   clavitor_jobs   graphile-worker's own schema, nothing else

create function current_msp() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('app.msp_id', true), '')::uuid;

create table msp (
  msp_id uuid primary key,
  name text not null check (length(name) between 1 and 120),
  created_at timestamptz(3) not null default now()
);

create table record (
  msp_id uuid not null references msp (msp_id) on delete restrict on update cascade,
  id uuid not null,
  at timestamptz(3) not null default now(),
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  action text not null,
  target_kind text,
  target_id text,
  fields jsonb not null default '{}',
  request_id text,
  primary key (msp_id, id)
);
create index record_msp_id_at_id_idx on record (msp_id, at desc, id desc);

create table mail (
  msp_id uuid not null references msp (msp_id) on delete restrict on update cascade,
  id uuid not null,
  template text not null,
  to_address text not null,
  to_name text not null,
  subject text not null,
  sealed_body bytea,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed')),
  attempts integer not null default 0,
  last_error text,
  next_at timestamptz(3) default now(),
  lease_until timestamptz(3),
  transport text,
  created_at timestamptz(3) not null default now(),
  sent_at timestamptz(3),
  primary key (msp_id, id),
  -- sent or given up: nothing is due any more, and what it said is gone
  check ((state = 'waiting') = (next_at is not null)),
  check ((state = 'waiting') = (sealed_body is not null))
);
create index mail_msp_id_created_at_id_idx on mail (msp_id, created_at desc, id desc);
create index mail_due_idx on mail (next_at);

create table once (
  msp_id uuid not null,
  key uuid not null,
  action text not null,
  input text not null,
  outcome jsonb not null,
  created_at timestamptz(3) not null default now(),
  primary key (msp_id, key)
);

create table heartbeat (
  worker_id uuid primary key,
  host text not null,
  pid integer not null,
  release text not null,
  started_at timestamptz(3) not null,
  beat_at timestamptz(3) not null
);

-- Counts of the rate limiter. Losing them in a crash only forgives, so the write-ahead log is spared.
create unlogged table rate_limit (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);

-- Tenancy. FORCE binds the owner too, so a mistake in a migration cannot read across either.
alter table msp enable row level security;
alter table msp force row level security;
create policy tenant on msp using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table record enable row level security;
alter table record force row level security;
create policy tenant on record using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table mail enable row level security;
alter table mail force row level security;
create policy tenant on mail using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table once enable row level security;
alter table once force row level security;
create policy tenant on once using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select, insert, update on msp to clavitor_app;
-- Append only: no right to alter or delete, for anybody who runs; and its time is the database's own.
grant select, insert (msp_id, id, actor_kind, actor_id, actor_name, action, target_kind, target_id, fields, request_id) on record to clavitor_app;
grant select, insert, update on mail to clavitor_app;
grant select, insert on once to clavitor_app;
grant select, insert, update, delete on heartbeat to clavitor_app;
grant select, insert, update, delete on rate_limit to clavitor_app;

-- Work across tenants: ids only, claimed under a lease (DESIGN section 3). The claiming role is let through by policy
-- on exactly these columns; it has no other right, and nobody logs in as it.
create policy claim on mail to clavitor_claim using (true) with check (true);
grant select (msp_id, id, state, next_at, lease_until), update (lease_until) on mail to clavitor_claim;
create policy purge on once for delete to clavitor_claim using (true);
create policy purge_look on once for select to clavitor_claim using (true);
grant select (created_at), delete on once to clavitor_claim;

-- Numbers are bounded here too, not only by whoever calls: the app's login must not be able to stop the post for years.
-- pg_temp stands last in every search_path of a function that runs with another's rights; left out it would stand first,
-- and a temporary type or table of the caller would run as the owner of the function.
create function mail_claim(at_most integer, lease_seconds integer)
  returns table (msp_id uuid, id uuid, lease_until timestamptz)
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update mail m set lease_until = now() + make_interval(secs => least(greatest(lease_seconds, 30), 600))
    from (
      select due.msp_id, due.id from mail due
       where due.state = 'waiting' and due.next_at <= now() and (due.lease_until is null or due.lease_until < now())
       order by due.next_at limit least(at_most, 50) for update skip locked
    ) picked
   where m.msp_id = picked.msp_id and m.id = picked.id
  returning m.msp_id, m.id, m.lease_until;
end;

create function mail_next_due() returns timestamptz
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select min(greatest(due.next_at, due.lease_until)) from mail due where due.state = 'waiting';
end;

create function once_purge() returns bigint
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  with gone as (delete from once where created_at < now() - interval '24 hours' returning 1) select count(*) from gone;
end;

-- Waking the worker: the one thing the app may say to graphile-worker, in the transaction of what the work is about.
create function job_wake(task text, at timestamptz default now()) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $body$
begin
  if task not in ('mail_deliver') then
    raise exception 'unknown task %', task using errcode = '22023';
  end if;
  perform graphile_worker.add_job(task, '{}'::json, run_at => at, job_key => task);
end
$body$;

-- To give a function away, its new owner must be allowed to make one here, for this moment only.
grant create on schema public to clavitor_claim, clavitor_jobs;
alter function job_wake(text, timestamptz) owner to clavitor_jobs;
alter function mail_claim(integer, integer) owner to clavitor_claim;
alter function mail_next_due() owner to clavitor_claim;
alter function once_purge() owner to clavitor_claim;
revoke create on schema public from clavitor_claim, clavitor_jobs;

revoke all on function mail_claim(integer, integer), mail_next_due(), once_purge(), job_wake(text, timestamptz) from public;
grant execute on function mail_claim(integer, integer), mail_next_due(), once_purge(), job_wake(text, timestamptz) to clavitor_app;

-- The installation's own tenant (lib/id.ts).
select set_config('app.msp_id', '00000000-0000-7000-8000-000000000000', true);
insert into msp (msp_id, name) values ('00000000-0000-7000-8000-000000000000', 'This installation');
