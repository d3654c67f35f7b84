-- When an invoice was voided or given up, so that the statement of a month that is over never changes; and which subscription another
-- one takes over from at its end (another currency or interval), so that it is not counted beside it before.
alter table invoice add column closed_at timestamptz(3);
alter table subscription add column follows uuid;
create index subscription_msp_id_follows_idx on subscription (msp_id, follows);
create index stripe_event_msp_id_state_received_at_idx on stripe_event (msp_id, state, received_at desc);
