-- Longest access for single roles, and at clients with a certain tag: shorter than the organisation's general rule, and held in every
-- plan, not in requests alone.
create table access_length (
    msp_id uuid not null,
    length_id uuid not null,
    role_id uuid,
    tag text check (length(tag) between 1 and 60),
    longest_hours integer not null check (longest_hours between 1 and 2160),
    set_by uuid not null,
    set_at timestamptz(3) not null,

    constraint access_length_pkey primary key (msp_id,length_id),
    check (num_nonnulls(role_id, tag) = 1)
);
create unique index access_length_msp_id_role_id_key on access_length(msp_id, role_id);
create unique index access_length_msp_id_tag_key on access_length(msp_id, tag);

alter table access_length add constraint access_length_msp_id_role_id_fkey foreign key (msp_id, role_id) references role(msp_id, role_id) on delete restrict on update cascade;
alter table access_length add constraint access_length_msp_id_set_by_fkey foreign key (msp_id, set_by) references person(msp_id, person_id) on delete restrict on update cascade;

alter table access_length enable row level security;
alter table access_length force row level security;
create policy tenant on access_length using (msp_id = current_msp()) with check (msp_id = current_msp());

-- The whole list is set at once: what is not in it any more goes.
grant select, insert, delete on access_length to clavitor_app;
