-- What a client calls a role's number, as somebody here last agreed to it: another name later is the client's change, and is
-- shown as one (docs/decisions/0025-roles-and-numbers.md). null: the role's own name.
alter table role_scope add column client_name text;
