-- Sheets of clients, and the keys of connect requests that nobody answered.

create table client_import (
    msp_id uuid not null,
    import_id uuid not null,
    file_name text not null,
    made_by uuid not null,
    created_at timestamptz(3) not null default now(),
    want jsonb,
    roles text[] not null,
    one_signer boolean not null default false,
    started_at timestamptz(3),
    cancelled_at timestamptz(3),

    constraint client_import_pkey primary key (msp_id,import_id),
    check (length(file_name) between 1 and 240),
    check ((started_at is null) = (want is null))
);

create table client_import_row (
    msp_id uuid not null,
    import_id uuid not null,
    position integer not null,
    cells jsonb not null,
    client_id uuid,
    vault_ref uuid,
    made_at timestamptz(3),
    failed_words text,
    called_at timestamptz(3),
    called_by uuid,

    constraint client_import_row_pkey primary key (msp_id,import_id,position),
    check (position > 1),
    check ((made_at is null) = (vault_ref is null)),
    check ((called_at is null) = (called_by is null))
);
create index client_import_msp_id_created_at_idx on client_import(msp_id, created_at desc);
create index client_import_row_msp_id_vault_ref_idx on client_import_row(msp_id, vault_ref);
alter table client_import add constraint client_import_msp_id_made_by_fkey foreign key (msp_id, made_by) references person(msp_id, person_id) on delete restrict on update cascade;
alter table client_import_row add constraint client_import_row_msp_id_import_id_fkey foreign key (msp_id, import_id) references client_import(msp_id, import_id) on delete cascade on update cascade;
alter table client_import_row add constraint client_import_row_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;

alter table client_import enable row level security;
alter table client_import force row level security;
create policy tenant on client_import using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table client_import_row enable row level security;
alter table client_import_row force row level security;
create policy tenant on client_import_row using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select, insert, update (want, roles, one_signer, started_at, cancelled_at) on client_import to clavitor_app;
grant select, insert, update (client_id, vault_ref, made_at, failed_words, called_at, called_by) on client_import_row to clavitor_app;

-- The private halves of requests that nobody answered within their life and a day: nothing may open a token with them any more.
create policy purge on connect_request to clavitor_claim using (true) with check (true);
grant select (expires_at, sealed_key), update (sealed_key) on connect_request to clavitor_claim;

create function connect_purge() returns integer
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  with wiped as (update connect_request set sealed_key = null where sealed_key is not null and expires_at < now() - interval '1 day' returning 1)
  select count(*)::integer from wiped;
end;

grant create on schema public to clavitor_claim;
alter function connect_purge() owner to clavitor_claim;
revoke create on schema public from clavitor_claim;
revoke all on function connect_purge() from public;
grant execute on function connect_purge() to clavitor_app;
