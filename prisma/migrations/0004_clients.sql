-- Clients, their vaults, how they were connected, what the vaults say of themselves, roles and technicians. What was signed or
-- answered is never altered; what a vault says is kept as last read and thrown away with nothing but the record left behind.

alter table signing_ticket add column vault_refs uuid[] default array[]::uuid[] not null;

create table client (
    msp_id uuid not null,
    client_id uuid not null,
    name text not null,
    aliases text[] not null,
    tags text[] not null,
    region text not null default '',
    contact_name text not null default '',
    contact_phone text not null default '',
    contact_mail text not null default '',
    plan text not null,
    payer text not null default 'msp',
    created_at timestamptz(3) not null default now(),
    exit_started_at timestamptz(3),
    ended_at timestamptz(3),

    constraint client_pkey primary key (msp_id,client_id),
    check (length(name) between 1 and 240),
    check (payer in ('msp', 'client'))
);

create table vault (
    msp_id uuid not null,
    vault_ref uuid not null,
    client_id uuid not null,
    address text not null,
    state text not null default 'asking',
    vault_id text,
    public_key text,
    backup_key text,
    vault_name text,
    agent_id integer,
    manager_uid text,
    sealed_token bytea,
    granted jsonb,
    created_at timestamptz(3) not null default now(),
    connected_at timestamptz(3),
    confirmed_at timestamptz(3),
    stopped_at timestamptz(3),
    stopped_words text,
    ended_at timestamptz(3),
    ended_by text,

    constraint vault_pkey primary key (msp_id,vault_ref),
    check (state in ('asking', 'unconfirmed', 'connected', 'stopped', 'ended')),
    check (ended_by in ('msp', 'client')),
    check (state = 'asking' or state = 'ended' or (vault_id is not null and public_key is not null and manager_uid is not null and agent_id is not null and granted is not null)),
    check (state not in ('unconfirmed', 'connected') or sealed_token is not null),
    check (state <> 'connected' or confirmed_at is not null)
);

create table connect_request (
    msp_id uuid not null,
    request_id uuid not null,
    vault_ref uuid not null,
    nonce bytea not null,
    request jsonb not null,
    request_hash bytea not null,
    sealed_key bytea,
    made_by uuid not null,
    created_at timestamptz(3) not null default now(),
    expires_at timestamptz(3) not null,
    mailed_at timestamptz(3),
    cancelled_at timestamptz(3),
    replied_at timestamptz(3),
    reply jsonb,
    reply_signature text,
    refused_at timestamptz(3),
    refused_words text,

    constraint connect_request_pkey primary key (msp_id,request_id),
    check (length(nonce) = 32),
    check (length(request_hash) = 32),
    check ((replied_at is null) = (reply is null)),
    check (cancelled_at is null or sealed_key is null)
);

create table confirmation (
    msp_id uuid not null,
    confirmation_id uuid not null,
    credential_id bytea not null,
    person_id uuid not null,
    confirmation jsonb not null,
    assertion jsonb not null,
    confirmed_at timestamptz(3) not null default now(),

    constraint confirmation_pkey primary key (msp_id,confirmation_id)
);

create table confirmed_vault (
    msp_id uuid not null,
    confirmation_id uuid not null,
    vault_ref uuid not null,
    statement jsonb not null,

    constraint confirmed_vault_pkey primary key (msp_id,confirmation_id,vault_ref)
);

create table reading (
    msp_id uuid not null,
    vault_ref uuid not null,
    read_at timestamptz(3),
    health text not null default 'unread',
    health_since timestamptz(3) not null default now(),
    words text,
    mode text,
    epoch integer,
    epoch_revision bigint,
    revision bigint,
    replicated_revision bigint,
    replicated_at timestamptz(3),
    tokens_used integer,
    tokens_limit integer,
    devices_used integer,
    devices_limit integer,
    expires_at timestamptz(3),
    paid_until timestamptz(3),
    features text[] not null,
    kems text[] not null,
    agents_etag text,
    scopes_revision bigint,
    failures integer not null default 0,
    next_read_at timestamptz(3) not null default now(),
    next_probe_at timestamptz(3) not null default now(),
    lease_until timestamptz(3),
    probe_result text,
    probe_at timestamptz(3),
    probe_words text,
    unproven_since timestamptz(3),

    constraint reading_pkey primary key (msp_id,vault_ref),
    check (health in ('unread', 'ok', 'failover', 'lapsed', 'ended', 'silent', 'lying')),
    check (probe_result in ('blind', 'not_blind', 'unproven'))
);

create table known_agent (
    msp_id uuid not null,
    vault_ref uuid not null,
    uid text not null,
    agent_id integer not null,
    name text not null,
    kind text not null,
    scopes text not null,
    all_access boolean not null,
    admin boolean not null,
    managed_by text,
    created_at timestamptz(3) not null,
    expires_at timestamptz(3),
    claim_by timestamptz(3),
    last_used_at timestamptz(3),
    locked boolean not null,
    hand_over text not null,
    sealed_to text,
    revision bigint not null,
    person_id uuid,

    constraint known_agent_pkey primary key (msp_id,vault_ref,uid)
);

create table known_scope (
    msp_id uuid not null,
    vault_ref uuid not null,
    scope text not null,
    entries integer not null,
    name text,

    constraint known_scope_pkey primary key (msp_id,vault_ref,scope)
);

create table wanted_agent (
    msp_id uuid not null,
    vault_ref uuid not null,
    uid text not null,
    scopes text not null,
    all_access boolean not null,
    expires_at timestamptz(3),
    since timestamptz(3) not null default now(),

    constraint wanted_agent_pkey primary key (msp_id,vault_ref,uid)
);

create table drift (
    msp_id uuid not null,
    drift_id uuid not null,
    vault_ref uuid not null,
    uid text not null,
    kind text not null,
    before jsonb,
    after jsonb,
    seen_at timestamptz(3) not null default now(),
    changed_at timestamptz(3),
    changed_by text,
    settled_at timestamptz(3),
    settled_how text,
    settled_by uuid,

    constraint drift_pkey primary key (msp_id,drift_id),
    check (kind in ('removed', 'appeared', 'altered')),
    check (settled_how in ('accepted', 'staged', 'gone')),
    check ((settled_at is null) = (settled_how is null))
);

create table probe (
    msp_id uuid not null,
    vault_ref uuid not null,
    at timestamptz(3) not null,
    result text not null,
    words text,

    constraint probe_pkey primary key (msp_id,vault_ref,at),
    check (result in ('blind', 'not_blind', 'unproven'))
);

create table role (
    msp_id uuid not null,
    role_id uuid not null,
    name text not null,
    letter text not null,
    position integer not null,
    created_at timestamptz(3) not null default now(),
    retired_at timestamptz(3),

    constraint role_pkey primary key (msp_id,role_id),
    check (letter ~ '^[A-EG-Z]$'),
    check (length(name) between 1 and 240)
);

create table role_scope (
    msp_id uuid not null,
    vault_ref uuid not null,
    role_id uuid not null,
    scope text not null,
    origin text not null,
    set_at timestamptz(3) not null default now(),

    constraint role_scope_pkey primary key (msp_id,vault_ref,role_id),
    check (scope ~ '^[0-9a-f]{4}$' and scope <> '0000'),
    check (origin in ('client', 'person', 'suggestion'))
);

create table pod (
    msp_id uuid not null,
    pod_id uuid not null,
    name text not null,
    position integer not null,

    constraint pod_pkey primary key (msp_id,pod_id)
);

create table technician (
    msp_id uuid not null,
    person_id uuid not null,
    pod_id uuid,
    tags text[] not null,
    leave_from date,
    leave_until date,

    constraint technician_pkey primary key (msp_id,person_id),
    check (leave_until is null or leave_from is not null and leave_until >= leave_from)
);
create index client_msp_id_name_idx on client(msp_id, name);
create index vault_msp_id_client_id_idx on vault(msp_id, client_id);
create unique index connect_request_nonce_key on connect_request(nonce);
create index connect_request_msp_id_vault_ref_created_at_idx on connect_request(msp_id, vault_ref, created_at desc);
create index confirmed_vault_msp_id_vault_ref_idx on confirmed_vault(msp_id, vault_ref);
create index reading_due_idx on reading(next_read_at);
create index probe_due_idx on reading(next_probe_at);
create index known_agent_msp_id_person_id_idx on known_agent(msp_id, person_id);
create index drift_msp_id_vault_ref_uid_idx on drift(msp_id, vault_ref, uid);
create unique index role_scope_msp_id_vault_ref_scope_key on role_scope(msp_id, vault_ref, scope);
create unique index pod_msp_id_name_key on pod(msp_id, name);
create index technician_msp_id_pod_id_idx on technician(msp_id, pod_id);
alter table client add constraint client_msp_id_fkey foreign key (msp_id) references msp(msp_id) on delete restrict on update cascade;
alter table vault add constraint vault_msp_id_client_id_fkey foreign key (msp_id, client_id) references client(msp_id, client_id) on delete restrict on update cascade;
alter table connect_request add constraint connect_request_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table connect_request add constraint connect_request_msp_id_made_by_fkey foreign key (msp_id, made_by) references person(msp_id, person_id) on delete restrict on update cascade;
alter table confirmation add constraint confirmation_msp_id_credential_id_fkey foreign key (msp_id, credential_id) references signing_key(msp_id, credential_id) on delete restrict on update cascade;
alter table confirmation add constraint confirmation_msp_id_person_id_fkey foreign key (msp_id, person_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table confirmed_vault add constraint confirmed_vault_msp_id_confirmation_id_fkey foreign key (msp_id, confirmation_id) references confirmation(msp_id, confirmation_id) on delete restrict on update cascade;
alter table confirmed_vault add constraint confirmed_vault_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table reading add constraint reading_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete cascade on update cascade;
alter table known_agent add constraint known_agent_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete cascade on update cascade;
alter table known_agent add constraint known_agent_msp_id_person_id_fkey foreign key (msp_id, person_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table known_scope add constraint known_scope_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete cascade on update cascade;
alter table wanted_agent add constraint wanted_agent_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete cascade on update cascade;
alter table drift add constraint drift_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete cascade on update cascade;
alter table probe add constraint probe_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete cascade on update cascade;
alter table role add constraint role_msp_id_fkey foreign key (msp_id) references msp(msp_id) on delete restrict on update cascade;
alter table role_scope add constraint role_scope_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete cascade on update cascade;
alter table role_scope add constraint role_scope_msp_id_role_id_fkey foreign key (msp_id, role_id) references role(msp_id, role_id) on delete restrict on update cascade;
alter table pod add constraint pod_msp_id_fkey foreign key (msp_id) references msp(msp_id) on delete restrict on update cascade;
alter table technician add constraint technician_msp_id_person_id_fkey foreign key (msp_id, person_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table technician add constraint technician_msp_id_pod_id_fkey foreign key (msp_id, pod_id) references pod(msp_id, pod_id) on delete restrict on update cascade;

-- One vault, one connection: the same address or the same key twice is refused, whoever is faster.
create unique index vault_address_key on vault (msp_id, address) where state <> 'ended';
create unique index vault_public_key_key on vault (msp_id, public_key) where state <> 'ended';
create unique index role_name_key on role (msp_id, lower(name)) where retired_at is null;
create unique index role_letter_key on role (msp_id, letter) where retired_at is null;
create unique index drift_open_key on drift (msp_id, vault_ref, uid) where settled_at is null;

alter table signing_ticket drop constraint signing_ticket_kind_check;
alter table signing_ticket add constraint signing_ticket_kind_check check (kind in ('enrol', 'endorse', 'confirm'));

alter table client enable row level security;
alter table client force row level security;
create policy tenant on client using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table vault enable row level security;
alter table vault force row level security;
create policy tenant on vault using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table connect_request enable row level security;
alter table connect_request force row level security;
create policy tenant on connect_request using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table confirmation enable row level security;
alter table confirmation force row level security;
create policy tenant on confirmation using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table confirmed_vault enable row level security;
alter table confirmed_vault force row level security;
create policy tenant on confirmed_vault using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table reading enable row level security;
alter table reading force row level security;
create policy tenant on reading using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table known_agent enable row level security;
alter table known_agent force row level security;
create policy tenant on known_agent using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table known_scope enable row level security;
alter table known_scope force row level security;
create policy tenant on known_scope using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table wanted_agent enable row level security;
alter table wanted_agent force row level security;
create policy tenant on wanted_agent using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table drift enable row level security;
alter table drift force row level security;
create policy tenant on drift using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table probe enable row level security;
alter table probe force row level security;
create policy tenant on probe using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table role enable row level security;
alter table role force row level security;
create policy tenant on role using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table role_scope enable row level security;
alter table role_scope force row level security;
create policy tenant on role_scope using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table pod enable row level security;
alter table pod force row level security;
create policy tenant on pod using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table technician enable row level security;
alter table technician force row level security;
create policy tenant on technician using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select, insert, update on client, vault, role, drift to clavitor_app;
grant select, insert, update (sealed_key, mailed_at, cancelled_at, replied_at, reply, reply_signature, refused_at, refused_words) on connect_request to clavitor_app;
grant select, insert on confirmation, confirmed_vault to clavitor_app;
grant select, insert, update, delete on reading, known_agent, known_scope, wanted_agent, probe, role_scope, pod, technician to clavitor_app;

-- The reply's door knows no tenant until it holds a nonce: ids only.
create policy find on connect_request for select to clavitor_claim using (true);
grant select (msp_id, request_id, nonce) on connect_request to clavitor_claim;

create function connect_request_find(given bytea) returns table (msp_id uuid, request_id uuid)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select r.msp_id, r.request_id from connect_request r where r.nonce = given;
end;

-- Which vaults are due to be read or probed, over all tenants: ids only, under a lease, so that a vault has one read in flight.
create policy claim on reading to clavitor_claim using (true) with check (true);
grant select (msp_id, vault_ref, next_read_at, next_probe_at, lease_until), update (lease_until) on reading to clavitor_claim;

create function reading_claim(at_most integer, lease_seconds integer)
  returns table (msp_id uuid, vault_ref uuid, lease_until timestamptz, read_due boolean, probe_due boolean)
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update reading r set lease_until = now() + make_interval(secs => least(greatest(lease_seconds, 15), 600))
    from (
      select due.msp_id, due.vault_ref from reading due
       where least(due.next_read_at, due.next_probe_at) <= now() and (due.lease_until is null or due.lease_until < now())
       order by least(due.next_read_at, due.next_probe_at) limit least(at_most, 500) for update skip locked
    ) picked
   where r.msp_id = picked.msp_id and r.vault_ref = picked.vault_ref
  returning r.msp_id, r.vault_ref, r.lease_until, r.next_read_at <= now(), r.next_probe_at <= now();
end;

create function reading_next_due() returns timestamptz
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select min(greatest(least(due.next_read_at, due.next_probe_at), due.lease_until)) from reading due;
end;

create or replace function job_wake(task text, at timestamptz default now()) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $body$
begin
  if task not in ('mail_deliver', 'vault_read', 'demo_connect') then
    raise exception 'unknown task %', task using errcode = '22023';
  end if;
  perform graphile_worker.add_job(task, '{}'::json, run_at => at, job_key => task);
end
$body$;

grant create on schema public to clavitor_claim;
alter function connect_request_find(bytea) owner to clavitor_claim;
alter function reading_claim(integer, integer) owner to clavitor_claim;
alter function reading_next_due() owner to clavitor_claim;
revoke create on schema public from clavitor_claim;
revoke all on function connect_request_find(bytea), reading_claim(integer, integer), reading_next_due() from public;
grant execute on function connect_request_find(bytea), reading_claim(integer, integer), reading_next_due() to clavitor_app;
