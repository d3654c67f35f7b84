-- What is due next is found by one index, in the order in which it is claimed, however many vaults there are. (An index on an
-- expression is beyond prisma/*.prisma.) The two on single columns served nobody.
create index reading_next_idx on reading (least(next_read_at, next_probe_at));
drop index reading_due_idx;
drop index probe_due_idx;

-- The same answer as before, from the first rows of that index: nothing after the first vault that nobody holds can come sooner.
create or replace function reading_next_due() returns timestamptz
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select min(greatest(least(due.next_read_at, due.next_probe_at), due.lease_until)) from reading due
   where least(due.next_read_at, due.next_probe_at) <= coalesce((
           select least(free.next_read_at, free.next_probe_at) from reading free
            where free.lease_until is null or free.lease_until <= least(free.next_read_at, free.next_probe_at)
            order by least(free.next_read_at, free.next_probe_at) limit 1), 'infinity');
end;

-- When a person last had it read: once a minute is enough, whoever asks (lib/known/schedule.ts).
alter table reading add column asked_at timestamptz(3);

-- A row that its client renamed, or whose token is no longer sealed to its person, is another than was agreed (PROTOCOL 11). null:
-- nobody saw the row since it was agreed; its next reading says it.
alter table wanted_agent add column name text;
alter table wanted_agent add column sealed boolean;
update wanted_agent w set name = k.name, sealed = k.hand_over = 'sealed' from known_agent k where k.msp_id = w.msp_id and k.vault_ref = w.vault_ref and k.uid = w.uid;
-- A reading fills in what nobody had seen; access itself stays a person's word (0010_observe.sql).
grant update (name, sealed) on wanted_agent to clavitor_observe;
