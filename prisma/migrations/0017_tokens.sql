-- Tokens in the right hands, access for a time: what vaults sealed to whom, requests and their answers, lengths that are allowed,
-- and the break-glass rows that two people open. No table here holds a token in clear, nor a key that opens one.

-- Another plan kind may have widened the list before: this change is added to whatever it is by now.
do $$
begin
  execute (select 'alter table plan_operation drop constraint plan_operation_change_check, add constraint plan_operation_change_check '
                  || replace(pg_get_constraintdef(c.oid), 'ARRAY[', 'ARRAY[''reissue''::text, ')
             from pg_constraint c where c.conrelid = 'plan_operation'::regclass and c.conname = 'plan_operation_change_check');
end
$$;

-- A sealed token as it came in a receipt, beside the receipt, by person.
create table hand_over (
    msp_id uuid not null,
    hand_over_id uuid not null,
    vault_ref uuid not null,
    uid text not null,
    agent_id integer not null,
    person_id uuid not null,
    operation_id uuid not null,
    receipt_id uuid not null,
    kind text not null check (kind in ('grant', 'reissue')),
    kem text not null,
    enc text not null,
    ct text not null,
    sealed_to text not null,
    claim_by timestamptz(3),
    handed_at timestamptz(3) not null,
    opened_at timestamptz(3),
    strange_at timestamptz(3),

    constraint hand_over_pkey primary key (msp_id,hand_over_id)
);

create table access_policy (
    msp_id uuid not null,
    longest_hours integer not null check (longest_hours between 1 and 2160),
    longest_full_hours integer not null check (longest_full_hours between 1 and 720),
    renew_days integer not null check (renew_days between 7 and 365),
    drill_days integer not null check (drill_days between 7 and 365),
    set_by uuid not null,
    set_at timestamptz(3) not null,

    constraint access_policy_pkey primary key (msp_id)
);

create table access_request (
    msp_id uuid not null,
    request_id uuid not null,
    person_id uuid not null,
    kind text not null check (kind in ('access', 'renewal')),
    roles uuid[] not null,
    full_access boolean not null,
    seconds integer check (seconds between 3600 and 7776000),
    reason text not null check (length(reason) between 1 and 240),
    ticket text check (length(ticket) between 1 and 240),
    asked_at timestamptz(3) not null,
    answer text check (answer in ('approved', 'refused', 'withdrawn')),
    answered_at timestamptz(3),
    answered_by uuid,
    given_seconds integer check (given_seconds between 3600 and 7776000),
    words text check (length(words) between 1 and 240),
    plan_id uuid,

    constraint access_request_pkey primary key (msp_id,request_id),
    check ((answer is null) = (answered_at is null) and (answer is null) = (answered_by is null)),
    -- Nobody approves their own, and only who asked takes it back.
    check (answer is null or (answer = 'withdrawn') = (answered_by = person_id)),
    check (plan_id is null or answer = 'approved'),
    check (answer is distinct from 'approved' or plan_id is not null),
    check ((kind = 'access') = (seconds is not null)),
    check (kind = 'renewal' or full_access or cardinality(roles) > 0)
);

create table access_request_vault (
    msp_id uuid not null,
    request_id uuid not null,
    vault_ref uuid not null,

    constraint access_request_vault_pkey primary key (msp_id,request_id,vault_ref)
);

-- A slot that one person gave up so that another has it for some hours, and what the first had.
create table slot_loan (
    msp_id uuid not null,
    loan_id uuid not null,
    vault_ref uuid not null,
    lender_id uuid not null,
    scopes text not null,
    full_access boolean not null,
    lender_ends_at timestamptz(3),
    borrower_id uuid not null,
    ends_at timestamptz(3) not null,
    plan_id uuid not null,
    back_plan_id uuid,
    made_by uuid not null,
    made_at timestamptz(3) not null,

    constraint slot_loan_pkey primary key (msp_id,loan_id),
    check (lender_id <> borrower_id)
);

-- A seat that nobody signs in to: whose key is kept in shares. Its keeper made the key.
alter table person add column kept_by uuid;
grant update (kept_by) on person to clavitor_app;

create table break_glass_share (
    msp_id uuid not null,
    inbox_key_id uuid not null,
    custodian_id uuid not null,
    custodian_key uuid not null,
    place smallint not null check (place between 1 and 255),
    kem text not null,
    enc text not null,
    ct text not null,
    tried_at timestamptz(3),

    constraint break_glass_share_pkey primary key (msp_id,inbox_key_id,custodian_id)
);

create table break_glass_opening (
    msp_id uuid not null,
    opening_id uuid not null,
    hand_over_id uuid not null,
    vault_ref uuid not null,
    drill boolean not null,
    asked_by uuid not null,
    asked_at timestamptz(3) not null,
    reason text not null check (length(reason) between 1 and 240),
    ends_at timestamptz(3) not null,
    second_by uuid,
    released_at timestamptz(3),
    place smallint check (place between 1 and 255),
    kem text,
    enc text,
    ct text,
    opened_at timestamptz(3),
    closed_at timestamptz(3),
    closed_by uuid,

    constraint break_glass_opening_pkey primary key (msp_id,opening_id),
    check (second_by is distinct from asked_by),
    check ((second_by is null) = (released_at is null) and (second_by is null) = (place is null) and (second_by is null) = (kem is null) and (second_by is null) = (enc is null) and (second_by is null) = (ct is null)),
    check (opened_at is null or released_at is not null),
    check ((closed_at is null) = (closed_by is null)),
    check (ends_at > asked_at and ends_at <= asked_at + interval '1 day')
);

-- Uses of break-glass rows that vaults reported and that were told to owners and client, so that each is told once.
create table break_glass_use (
    msp_id uuid not null,
    vault_ref uuid not null,
    uid text not null,
    used_at timestamptz(3) not null,
    told_at timestamptz(3) not null,
    opening_id uuid,

    constraint break_glass_use_pkey primary key (msp_id,vault_ref,uid,used_at)
);

create unique index hand_over_msp_id_receipt_id_operation_id_key on hand_over(msp_id, receipt_id, operation_id);
create index hand_over_msp_id_person_id_handed_at_idx on hand_over(msp_id, person_id, handed_at desc);
create index hand_over_msp_id_vault_ref_uid_idx on hand_over(msp_id, vault_ref, uid);
create index access_request_msp_id_asked_at_idx on access_request(msp_id, asked_at desc);
create index access_request_vault_msp_id_vault_ref_idx on access_request_vault(msp_id, vault_ref);
create index slot_loan_msp_id_vault_ref_idx on slot_loan(msp_id, vault_ref);
create index break_glass_opening_msp_id_asked_at_idx on break_glass_opening(msp_id, asked_at desc);
-- One opening of a row at a time.
create unique index break_glass_opening_one on break_glass_opening (msp_id, vault_ref) where closed_at is null;
-- One break-glass seat per organisation.
create unique index person_seat_one on person (msp_id) where kept_by is not null;

alter table hand_over add constraint hand_over_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table hand_over add constraint hand_over_msp_id_person_id_fkey foreign key (msp_id, person_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table hand_over add constraint hand_over_msp_id_receipt_id_fkey foreign key (msp_id, receipt_id) references receipt(msp_id, receipt_id) on delete restrict on update cascade;
alter table access_policy add constraint access_policy_msp_id_set_by_fkey foreign key (msp_id, set_by) references person(msp_id, person_id) on delete restrict on update cascade;
alter table access_request add constraint access_request_msp_id_person_id_fkey foreign key (msp_id, person_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table access_request add constraint access_request_msp_id_plan_id_fkey foreign key (msp_id, plan_id) references plan(msp_id, plan_id) on delete restrict on update cascade;
alter table access_request_vault add constraint access_request_vault_msp_id_request_id_fkey foreign key (msp_id, request_id) references access_request(msp_id, request_id) on delete restrict on update cascade;
alter table access_request_vault add constraint access_request_vault_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table slot_loan add constraint slot_loan_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table slot_loan add constraint slot_loan_msp_id_plan_id_fkey foreign key (msp_id, plan_id) references plan(msp_id, plan_id) on delete restrict on update cascade;
alter table break_glass_share add constraint break_glass_share_msp_id_inbox_key_id_fkey foreign key (msp_id, inbox_key_id) references inbox_key(msp_id, inbox_key_id) on delete restrict on update cascade;
alter table break_glass_share add constraint break_glass_share_msp_id_custodian_id_fkey foreign key (msp_id, custodian_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table break_glass_opening add constraint break_glass_opening_msp_id_hand_over_id_fkey foreign key (msp_id, hand_over_id) references hand_over(msp_id, hand_over_id) on delete restrict on update cascade;
alter table break_glass_opening add constraint break_glass_opening_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;
alter table break_glass_opening add constraint break_glass_opening_msp_id_asked_by_fkey foreign key (msp_id, asked_by) references person(msp_id, person_id) on delete restrict on update cascade;
alter table break_glass_use add constraint break_glass_use_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete restrict on update cascade;

alter table hand_over enable row level security;
alter table hand_over force row level security;
create policy tenant on hand_over using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table access_policy enable row level security;
alter table access_policy force row level security;
create policy tenant on access_policy using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table access_request enable row level security;
alter table access_request force row level security;
create policy tenant on access_request using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table access_request_vault enable row level security;
alter table access_request_vault force row level security;
create policy tenant on access_request_vault using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table slot_loan enable row level security;
alter table slot_loan force row level security;
create policy tenant on slot_loan using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table break_glass_share enable row level security;
alter table break_glass_share force row level security;
create policy tenant on break_glass_share using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table break_glass_opening enable row level security;
alter table break_glass_opening force row level security;
create policy tenant on break_glass_opening using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table break_glass_use enable row level security;
alter table break_glass_use force row level security;
create policy tenant on break_glass_use using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select, insert, update (opened_at, strange_at) on hand_over to clavitor_app;
grant select, insert, update (longest_hours, longest_full_hours, renew_days, drill_days, set_by, set_at) on access_policy to clavitor_app;
grant select, insert, update (answer, answered_at, answered_by, given_seconds, words, plan_id) on access_request to clavitor_app;
grant select, insert on access_request_vault to clavitor_app;
grant select, insert, update (back_plan_id) on slot_loan to clavitor_app;
grant select, insert, update (tried_at) on break_glass_share to clavitor_app;
grant select, insert, update (second_by, released_at, place, kem, enc, ct, opened_at, closed_at, closed_by) on break_glass_opening to clavitor_app;
grant select, insert on break_glass_use to clavitor_app;

-- Which organisations have a break-glass seat, for the worker that watches its rows: ids only.
grant select (msp_id, kept_by) on person to clavitor_claim;

create function break_glass_tenants() returns table (msp_id uuid)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select p.msp_id from person p where p.kept_by is not null;
end;

grant create on schema public to clavitor_claim;
alter function break_glass_tenants() owner to clavitor_claim;
revoke create on schema public from clavitor_claim;
revoke all on function break_glass_tenants() from public;
grant execute on function break_glass_tenants() to clavitor_app;
