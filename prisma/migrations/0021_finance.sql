-- What finance sees that is ours alone: the confidential terms of a contract, and who was told of which clock.

-- One row per MSP that has such terms; sealed, because the database's backups are read by more people than the terms are for.
create table contract (
    msp_id uuid not null,
    contract_id uuid not null,
    sealed_terms bytea not null,
    set_at timestamptz(3) not null default now(),

    constraint contract_pkey primary key (msp_id,contract_id)
);
create unique index contract_one on contract (msp_id);

-- A mail about a clock, once per clock, step and recipient: `clock` names what runs and since when, so that a second failed card
-- of the same subscription is told of anew.
create table clock_notice (
    msp_id uuid not null,
    clock text not null check (length(clock) between 1 and 160),
    step text not null check (length(step) between 1 and 40),
    to_address text not null,
    to_name text not null,
    mail_id uuid not null,
    told_at timestamptz(3) not null default now(),

    constraint clock_notice_pkey primary key (msp_id,clock,step,to_address)
);
alter table contract add constraint contract_msp_id_fkey foreign key (msp_id) references msp(msp_id) on delete restrict on update cascade;
alter table clock_notice add constraint clock_notice_msp_id_fkey foreign key (msp_id) references msp(msp_id) on delete restrict on update cascade;

alter table contract enable row level security;
alter table contract force row level security;
create policy tenant on contract using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table clock_notice enable row level security;
alter table clock_notice force row level security;
create policy tenant on clock_notice using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select, insert, delete on contract to clavitor_app;
grant select, insert on clock_notice to clavitor_app;
