-- Whoever lets a line go sees whether somebody asked for it while it was held: joining a line forgets its failures (lib/dispatch/ledger.ts).
grant select (failures) on vault_line to clavitor_observe;
