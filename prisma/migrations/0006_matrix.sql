-- The matrix's own rows: what each person has staged (a wish until a plan of it was signed), named views, rules by tag and pod.

create table draft (
    msp_id uuid not null,
    owner_id uuid not null,
    revision integer not null,
    changed_at timestamptz(3) not null,

    constraint draft_pkey primary key (msp_id,owner_id)
);

create table staged_cell (
    msp_id uuid not null,
    owner_id uuid not null,
    vault_ref uuid not null,
    person_id uuid not null,
    held boolean not null,
    full_access boolean not null,
    roles uuid[] not null,
    ends_at timestamptz(3),
    lease_roles uuid[] not null,
    lease_ends_at timestamptz(3),
    reason text not null,
    base jsonb not null,
    staged_at timestamptz(3) not null,

    constraint staged_cell_pkey primary key (msp_id,owner_id,vault_ref,person_id),
    check (held or (not full_access and roles = '{}' and ends_at is null)),
    check ((lease_ends_at is null) = (lease_roles = '{}')),
    check (length(reason) <= 240)
);

create table matrix_view (
    msp_id uuid not null,
    view_id uuid not null,
    owner_id uuid not null,
    name text not null,
    search text not null,
    shared boolean not null,
    saved_at timestamptz(3) not null,

    constraint matrix_view_pkey primary key (msp_id,view_id),
    check (length(name) between 1 and 80),
    check (length(search) <= 2000)
);

create table staging_rule (
    msp_id uuid not null,
    rule_id uuid not null,
    name text not null,
    tag text not null,
    pod_id uuid,
    roles uuid[] not null,
    without uuid[] not null,
    set_by uuid not null,
    set_at timestamptz(3) not null,

    constraint staging_rule_pkey primary key (msp_id,rule_id),
    check (length(name) between 1 and 80),
    check (cardinality(roles) between 1 and 30)
);

create index staged_cell_msp_id_vault_ref_person_id_idx on staged_cell(msp_id, vault_ref, person_id);
create index matrix_view_msp_id_owner_id_idx on matrix_view(msp_id, owner_id);
create index staging_rule_msp_id_pod_id_idx on staging_rule(msp_id, pod_id);
alter table draft add constraint draft_msp_id_owner_id_fkey foreign key (msp_id, owner_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table staged_cell add constraint staged_cell_msp_id_owner_id_fkey foreign key (msp_id, owner_id) references draft(msp_id, owner_id) on delete cascade on update cascade;
alter table staged_cell add constraint staged_cell_msp_id_vault_ref_fkey foreign key (msp_id, vault_ref) references vault(msp_id, vault_ref) on delete cascade on update cascade;
alter table staged_cell add constraint staged_cell_msp_id_person_id_fkey foreign key (msp_id, person_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table matrix_view add constraint matrix_view_msp_id_owner_id_fkey foreign key (msp_id, owner_id) references person(msp_id, person_id) on delete restrict on update cascade;
alter table staging_rule add constraint staging_rule_msp_id_pod_id_fkey foreign key (msp_id, pod_id) references pod(msp_id, pod_id) on delete restrict on update cascade;
alter table staging_rule add constraint staging_rule_msp_id_set_by_fkey foreign key (msp_id, set_by) references person(msp_id, person_id) on delete restrict on update cascade;

alter table draft enable row level security;
alter table draft force row level security;
create policy tenant on draft using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table staged_cell enable row level security;
alter table staged_cell force row level security;
create policy tenant on staged_cell using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table matrix_view enable row level security;
alter table matrix_view force row level security;
create policy tenant on matrix_view using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table staging_rule enable row level security;
alter table staging_rule force row level security;
create policy tenant on staging_rule using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select, insert, update, delete on draft, staged_cell, matrix_view, staging_rule to clavitor_app;
