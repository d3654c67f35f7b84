-- What is looked for across years by a single word: an entry, a row, an address, a name, whom something was about. Each value stands at
-- few events, which are sorted when they are found; one key stands once per page of such an index, however many events have it.
create index audit_event_target_idx on audit_event (msp_id, target_id) where target_id is not null;
create index audit_event_row_idx on audit_event (msp_id, agent_uid) where agent_uid is not null;
create index audit_event_ip_idx on audit_event (msp_id, ip) where ip is not null;
create index audit_event_name_idx on audit_event (msp_id, actor_name) where actor_name is not null;
create index audit_event_about_idx on audit_event (msp_id, target_person_id, at desc, event_id desc) where target_person_id is not null;

-- Every name that stands at an event, once: a part of a name is looked for here, and its events by the whole names.
create table audit_name (
    msp_id uuid not null,
    name text not null,

    constraint audit_name_pkey primary key (msp_id,name)
);

alter table audit_name add constraint audit_name_msp_id_fkey foreign key (msp_id) references msp(msp_id) on delete restrict on update cascade;

-- What came before this release, of all tenants: policies bind the owner as well.
alter table audit_event no force row level security;
insert into audit_name (msp_id, name) select distinct e.msp_id, e.actor_name from audit_event e where e.actor_name is not null;
alter table audit_event force row level security;

alter table audit_name enable row level security;
alter table audit_name force row level security;
create policy tenant on audit_name using (msp_id = current_msp()) with check (msp_id = current_msp());
grant select on audit_name to clavitor_app;
grant select, insert on audit_name to clavitor_observe;

-- Names whose last event was forgotten go with it. Whoever stores events holds the table open until they are committed: a name that
-- is about to have an event is not taken away. @returns how many went
create function audit_names_forget() returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $body$
declare
  gone integer;
begin
  if current_msp() is null then
    raise exception 'no tenant is set' using errcode = '22023';
  end if;
  lock table audit_name in share row exclusive mode;
  delete from audit_name n where n.msp_id = current_msp()
     and not exists (select from audit_event e where e.msp_id = n.msp_id and e.actor_name = n.name);
  get diagnostics gone = row_count;
  return gone;
end
$body$;

revoke all on function audit_names_forget() from public;
grant execute on function audit_names_forget() to clavitor_app;
