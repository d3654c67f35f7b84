-- Two people for one plan, signers and our own tokens in bulk, kill switches, a few vaults first.

-- The first of two signatures over a plan (protocol.md, section 6, Cosign): good for an hour, used by any release within it.
create table cosignature (
    msp_id uuid not null,
    cosignature_id uuid not null,
    plan_id uuid not null,
    person_id uuid not null,
    credential_id bytea not null,
    digest bytea not null check (length(digest) = 32),
    assertion jsonb not null,
    seed bytea not null check (length(seed) = 32),
    places integer[] not null, -- of the shares in its tree
    covered integer[] not null, -- places of the vaults in the plan
    webauthn bytea not null check (length(webauthn) = 32),
    issued_at bigint not null, -- Unix seconds
    not_after timestamptz(3) not null,
    signed_at timestamptz(3) not null default now(),

    constraint cosignature_pkey primary key (msp_id,cosignature_id)
);
create index cosignature_msp_id_plan_id_idx on cosignature(msp_id, plan_id);
alter table cosignature add constraint cosignature_msp_id_plan_id_fkey foreign key (msp_id, plan_id) references plan(msp_id, plan_id) on delete restrict on update cascade;
alter table cosignature add constraint cosignature_msp_id_person_id_fkey foreign key (msp_id, person_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table cosignature add constraint cosignature_msp_id_credential_id_fkey foreign key (msp_id, credential_id) references signing_key(msp_id, credential_id) on delete restrict on update cascade;

alter table approval add column cosignature_id uuid;
alter table approval add constraint approval_msp_id_cosignature_id_fkey foreign key (msp_id, cosignature_id) references cosignature(msp_id, cosignature_id) on delete restrict on update cascade;

-- When the organisation itself asks for two people; what a client's grant asks for is asked anyway.
alter table signing_policy add column two_full_access boolean not null default false;
alter table signing_policy add column two_whole boolean not null default false;
alter table signing_policy add column two_vaults integer check (two_vaults between 1 and 100000);

grant update (two_full_access, two_whole, two_vaults) on signing_policy to clavitor_app;

alter table plan drop constraint plan_kind_check;
alter table plan add constraint plan_kind_check check (kind in ('change', 'exit', 'signers', 'renewal'));
alter table plan_operation drop constraint plan_operation_change_check;
alter table plan_operation add constraint plan_operation_change_check check (change in ('grant', 'alter', 'revoke', 'leave', 'enrol', 'strike', 'renew'));

-- A token of ours that was drawn and stored before a vault learns its hash (protocol.md, section 4): a lost answer loses nothing.
-- The old one is kept until the new one was seen to open the vault's list.
create table token_renewal (
    msp_id uuid not null,
    plan_id uuid not null,
    vault_ref uuid not null,
    sealed_token bytea, -- thrown away when it can no longer come into use
    token_hash text not null check (token_hash ~ '^[0-9a-f]{64}$'),
    made_at timestamptz(3) not null default now(),
    sent_at timestamptz(3),
    proven_at timestamptz(3),

    constraint token_renewal_pkey primary key (msp_id,plan_id,vault_ref)
);
create index token_renewal_msp_id_vault_ref_idx on token_renewal(msp_id, vault_ref);
alter table token_renewal add constraint token_renewal_msp_id_plan_id_fkey foreign key (msp_id, plan_id) references plan(msp_id, plan_id) on delete restrict on update cascade;
alter table token_renewal add constraint token_renewal_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;

-- Kill switches: while one is set, no byte of what it names leaves.
create table halt (
    msp_id uuid not null,
    halt_id uuid not null,
    scope text not null check (scope in ('all', 'region', 'operation')),
    value text not null check (length(value) <= 120), -- the region or the operation; empty for all
    reason text not null check (length(reason) between 1 and 240),
    set_by uuid not null,
    set_at timestamptz(3) not null default now(),
    lifted_by uuid,
    lifted_at timestamptz(3),

    constraint halt_pkey primary key (msp_id,halt_id),
    check ((scope = 'all') = (value = '')),
    check ((lifted_at is null) = (lifted_by is null))
);
create unique index halt_set_key on halt (msp_id, scope, value) where lifted_at is null;
alter table halt add constraint halt_msp_id_set_by_fkey foreign key (msp_id, set_by) references person(msp_id, person_id) on delete restrict on update cascade;

-- A few vaults first: the others of the tap follow when all of those are proven.
alter table signing_ticket add column canary integer check (canary between 1 and 1500);
alter table dispatch add column wave smallint not null default 0 check (wave in (0, 1));
-- Most taps have no second wave: whoever asks for one finds nothing at once.
create index dispatch_wave_idx on dispatch (msp_id, plan_id) where wave = 1;

alter table signing_ticket drop constraint signing_ticket_kind_check;
alter table signing_ticket add constraint signing_ticket_kind_check check (kind in ('enrol', 'endorse', 'confirm', 'approve', 'cosign'));
alter table signing_ticket drop constraint signing_ticket_approve_check;
alter table signing_ticket add constraint signing_ticket_approve_check check ((kind in ('approve', 'cosign')) = (plan_id is not null));

alter table cosignature enable row level security;
alter table cosignature force row level security;
create policy tenant on cosignature using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table token_renewal enable row level security;
alter table token_renewal force row level security;
create policy tenant on token_renewal using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table halt enable row level security;
alter table halt force row level security;
create policy tenant on halt using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select, insert on cosignature to clavitor_app;
grant select, insert, update (sealed_token, sent_at, proven_at) on token_renewal to clavitor_app;
grant select, insert, update (lifted_by, lifted_at) on halt to clavitor_app;
