-- The demo of this installation: which organisation was claimed as what, and how far its portfolio is connected. A claim code
-- is used once, over all tenants; of it only the SHA-256 is kept.

create table demo (
  msp_id uuid not null,
  demo text not null check (demo ~ '^[a-z]{1,40}$'),
  claim_sha256 bytea not null check (length(claim_sha256) = 32),
  claimed_by uuid not null,
  claimed_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  clients integer check (clients >= 0),
  people_at timestamptz(3),
  connected_at timestamptz(3),
  read_at timestamptz(3),
  lease_until timestamptz(3),
  next_at timestamptz(3) not null default now(),
  words text,

  constraint demo_pkey primary key (msp_id),
  constraint demo_msp_id_fkey foreign key (msp_id) references msp (msp_id) on delete restrict on update cascade,
  check (read_at is null or connected_at is not null)
);
create unique index demo_claim_sha256_key on demo (claim_sha256);
create index demo_due_idx on demo (next_at);

alter table demo enable row level security;
alter table demo force row level security;
create policy tenant on demo using (msp_id = current_msp()) with check (msp_id = current_msp());
grant select, insert (msp_id, demo, claim_sha256, claimed_by), update (started_at, clients, people_at, connected_at, read_at) on demo to clavitor_app;

-- Before a tenant is known: whether a code was used; and for the worker, which demos are at work and held by nobody: ids only.
create policy claim on demo to clavitor_claim using (true) with check (true);
grant select (msp_id, demo, claim_sha256, started_at, read_at, lease_until, next_at), update (lease_until, next_at, words) on demo to clavitor_claim;

create function demo_claimed(code bytea) returns boolean
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select exists (select 1 from demo d where d.claim_sha256 = code);
end;

create function demo_work(lease_seconds integer) returns table (msp_id uuid, lease_until timestamptz)
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update demo d set lease_until = now() + make_interval(secs => least(greatest(lease_seconds, 5), 120))
   where d.msp_id in (
      select due.msp_id from demo due
       where due.started_at is not null and due.read_at is null and due.next_at <= now() and (due.lease_until is null or due.lease_until < now())
       for update skip locked)
  returning d.msp_id, d.lease_until;
end;

-- The worker's own bookkeeping, which is no change to anything of the tenant's: it holds on, or lets go and says what holds it
-- up. Null or false: another worker holds it by now.
create function demo_hold(msp uuid, held timestamptz, lease_seconds integer) returns timestamptz
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update demo d set lease_until = now() + make_interval(secs => least(greatest(lease_seconds, 5), 120))
   where d.msp_id = msp and d.lease_until = held returning d.lease_until;
end;

create function demo_let_go(msp uuid, held timestamptz, pause_seconds integer, said text) returns boolean
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update demo d set lease_until = null, next_at = now() + make_interval(secs => least(greatest(pause_seconds, 0), 3600)), words = left(said, 500)
   where d.msp_id = msp and d.lease_until = held returning true;
end;

create function demo_next_due() returns timestamptz
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select min(greatest(due.next_at, due.lease_until)) from demo due where due.started_at is not null and due.read_at is null;
end;

grant create on schema public to clavitor_claim;
alter function demo_claimed(bytea) owner to clavitor_claim;
alter function demo_work(integer) owner to clavitor_claim;
alter function demo_hold(uuid, timestamptz, integer) owner to clavitor_claim;
alter function demo_let_go(uuid, timestamptz, integer, text) owner to clavitor_claim;
alter function demo_next_due() owner to clavitor_claim;
revoke create on schema public from clavitor_claim;
revoke all on function demo_claimed(bytea), demo_work(integer), demo_hold(uuid, timestamptz, integer), demo_let_go(uuid, timestamptz, integer, text), demo_next_due() from public;
grant execute on function demo_claimed(bytea), demo_work(integer), demo_hold(uuid, timestamptz, integer), demo_let_go(uuid, timestamptz, integer, text), demo_next_due() to clavitor_app;
