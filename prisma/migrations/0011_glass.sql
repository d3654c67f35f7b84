-- The client's own page without an account: links, the vaults' signed words shown there, and the key under which the console
-- signs its own part.

create table checkpoint_key (
    msp_id uuid not null,
    key_id uuid not null,
    public_key bytea not null,
    sealed_private bytea not null,
    made_at timestamptz(3) not null default now(),

    constraint checkpoint_key_pkey primary key (msp_id,key_id),
    check (length(public_key) = 32)
);

create table glass_link (
    msp_id uuid not null,
    link_id uuid not null,
    client_id uuid not null,
    secret_sha256 bytea not null,
    label text not null,
    made_by uuid not null,
    created_at timestamptz(3) not null default now(),
    expires_at timestamptz(3) not null,
    revoked_at timestamptz(3),
    revoked_by uuid,
    opened_at timestamptz(3),

    constraint glass_link_pkey primary key (msp_id,link_id),
    check (length(secret_sha256) = 32),
    check (length(label) between 1 and 240),
    check ((revoked_at is null) = (revoked_by is null))
);

create table vault_statement (
    msp_id uuid not null,
    vault_ref uuid not null,
    statement jsonb not null,
    signature text not null,
    fetched_at timestamptz(3) not null,

    constraint vault_statement_pkey primary key (msp_id,vault_ref)
);
create unique index glass_link_secret_sha256_key on glass_link(secret_sha256);
create index glass_link_msp_id_client_id_idx on glass_link(msp_id, client_id);
alter table checkpoint_key add constraint checkpoint_key_msp_id_fkey foreign key (msp_id) references msp(msp_id) on delete restrict on update cascade;
alter table glass_link add constraint glass_link_msp_id_client_id_fkey foreign key (msp_id, client_id) references client(msp_id, client_id) on delete restrict on update cascade;
alter table glass_link add constraint glass_link_msp_id_made_by_fkey foreign key (msp_id, made_by) references person(msp_id, person_id) on delete restrict on update cascade;
alter table vault_statement add constraint vault_statement_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete cascade on update cascade;

-- One key per installation: two first links at once make one.
create unique index checkpoint_key_one on checkpoint_key (msp_id);

alter table checkpoint_key enable row level security;
alter table checkpoint_key force row level security;
create policy tenant on checkpoint_key using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table glass_link enable row level security;
alter table glass_link force row level security;
create policy tenant on glass_link using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table vault_statement enable row level security;
alter table vault_statement force row level security;
create policy tenant on vault_statement using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select, insert on checkpoint_key to clavitor_app;
grant select, insert, update (revoked_at, revoked_by, opened_at) on glass_link to clavitor_app;
grant select, insert, update on vault_statement to clavitor_app;

-- The page's door knows no tenant until it holds a secret: ids only.
create policy find on glass_link for select to clavitor_claim using (true);
grant select (msp_id, link_id, secret_sha256) on glass_link to clavitor_claim;

create function glass_link_find(secret bytea) returns table (msp_id uuid, link_id uuid)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select l.msp_id, l.link_id from glass_link l where l.secret_sha256 = secret;
end;

grant create on schema public to clavitor_claim;
alter function glass_link_find(bytea) owner to clavitor_claim;
revoke create on schema public from clavitor_claim;
revoke all on function glass_link_find(bytea) from public;
grant execute on function glass_link_find(bytea) to clavitor_app;
