-- The page over the audit: the questions it asks often, each answered by one index in the order of the table. Few, since every one of
-- them is paid for with each event that comes in (bench/audit.ts).
create index audit_event_client_idx on audit_event (msp_id, client_id, at desc, event_id desc);
create index audit_event_person_idx on audit_event (msp_id, person_id, at desc, event_id desc) where person_id is not null;
create index audit_event_refused_idx on audit_event (msp_id, at desc, event_id desc) where outcome <> 'success';
-- Nine of ten events are reads; what changes something is looked for by its kind.
create index audit_event_change_idx on audit_event (msp_id, action, at desc, event_id desc) where action not in ('entry.read', 'totp.read', 'entries.list', 'entries.search', 'calls.marked');
create index audit_event_plan_idx on audit_event (msp_id, plan_id, at desc, event_id desc) where plan_id is not null;
create index audit_event_fault_idx on audit_event (msp_id, at desc, event_id desc) where fault is not null;
create index record_actor_idx on record (msp_id, actor_id, at desc, id desc);
