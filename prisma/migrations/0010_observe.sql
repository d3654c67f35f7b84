-- What a machine sees is not what somebody did: readings of vaults are stored without a record each (docs/decisions/0020-observations.md).
-- They are stored by a role of their own (lib/db/roles.ts), which may touch what was observed and nothing else, and may say what it found.

grant select, update on reading to clavitor_observe;
grant select, insert, update, delete on known_agent, known_scope to clavitor_observe;
grant select, insert, delete on probe to clavitor_observe;
grant select, insert, update on drift to clavitor_observe;
-- An agreed end that came takes the wish with it; everything else that is wanted is a person's word.
grant select, delete on wanted_agent to clavitor_observe;
grant insert (msp_id, id, actor_kind, actor_id, actor_name, action, target_kind, target_id, fields, request_id) on record to clavitor_observe;
