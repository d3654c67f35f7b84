-- Money: who pays, subscriptions, the lock ledger, invoices as Stripe says they are, its events, what people asked for, alarms,
-- and the hosted vaults that a subscription keeps alive. Amounts are minor units of their currency (docs/billing.md).

create table billing_account (
    msp_id uuid not null,
    account_id uuid not null,
    payer text not null,
    client_id uuid,
    currency text,
    name text not null,
    email text not null,
    country text not null default '',
    address jsonb not null default '{}',
    tax_id_type text,
    tax_id text,
    purchase_order text,
    stripe_customer text,
    card_brand text,
    card_last4 text,
    card_until text,
    seen bigint not null default 0,
    created_at timestamptz(3) not null default now(),

    constraint billing_account_pkey primary key (msp_id,account_id),
    check (payer in ('msp', 'client')),
    check ((payer = 'client') = (client_id is not null))
);

create table subscription (
    msp_id uuid not null,
    subscription_id uuid not null,
    account_id uuid not null,
    client_id uuid,
    label text not null default '',
    plan text not null,
    currency text not null,
    interval text not null,
    quantity integer not null default 1,
    collection text not null,
    state text not null,
    ended_because text,
    amount bigint not null,
    started_at timestamptz(3),
    period_start timestamptz(3),
    period_end timestamptz(3),
    trial_end timestamptz(3),
    renews boolean not null default true,
    stop_asked_at timestamptz(3),
    ended_at timestamptz(3),
    next_plan text,
    next_amount bigint,
    next_quantity integer,
    unpaid_since timestamptz(3),
    open_due_at timestamptz(3),
    suspended_at timestamptz(3),
    delete_at timestamptz(3),
    moved_from uuid,
    stripe_subscription text,
    stripe_item text,
    stripe_price text,
    checkout_url text,
    seen bigint not null default 0,
    version integer not null default 1,
    created_at timestamptz(3) not null default now(),

    constraint subscription_pkey primary key (msp_id,subscription_id),
    check (currency in ('USD', 'EUR', 'GBP', 'CHF')),
    check (interval in ('year', 'month')),
    check (quantity > 0),
    check (collection in ('card', 'invoice')),
    check (state in ('opening', 'trialing', 'active', 'past_due', 'ended')),
    check ((state = 'ended') = (ended_at is not null)),
    check ((ended_at is null) = (ended_because is null)),
    check (amount >= 0),
    check ((next_plan is null) = (next_amount is null))
);

create table price_lock (
    msp_id uuid not null,
    lock_id uuid not null,
    subscription_id uuid not null,
    plan text not null,
    currency text not null,
    interval text not null,
    amount bigint not null,
    list_id text not null,
    locked_at timestamptz(3) not null,
    invoice_id uuid,
    carried_from uuid,
    ended_at timestamptz(3),
    ended_because text,

    constraint price_lock_pkey primary key (msp_id,lock_id),
    check (amount > 0),
    check ((ended_at is null) = (ended_because is null)),
    -- Where a lock comes from: a charge of ours, or the lock of the payer before.
    check ((invoice_id is null) <> (carried_from is null))
);

create table invoice (
    msp_id uuid not null,
    invoice_id uuid not null,
    account_id uuid not null,
    subscription_id uuid,
    stripe_invoice text not null,
    number text,
    status text not null,
    reason text not null,
    collection text not null,
    currency text not null,
    net bigint not null,
    tax bigint not null,
    total bigint not null,
    paid bigint not null,
    remaining bigint not null,
    credited bigint not null default 0,
    refunded bigint not null default 0,
    purchase_order text,
    created_at timestamptz(3) not null,
    issued_at timestamptz(3),
    due_at timestamptz(3),
    paid_at timestamptz(3),
    period_start timestamptz(3) not null,
    period_end timestamptz(3) not null,
    attempts integer not null default 0,
    failed_at timestamptz(3),
    next_attempt_at timestamptz(3),
    page_url text,
    pdf_url text,
    lock_net bigint,
    seen bigint not null default 0,

    constraint invoice_pkey primary key (msp_id,invoice_id),
    check (status in ('draft', 'open', 'paid', 'void', 'uncollectible')),
    check (reason in ('first', 'renewal', 'change', 'other')),
    check (collection in ('card', 'invoice')),
    check (total = net + tax)
);

create table invoice_line (
    msp_id uuid not null,
    invoice_id uuid not null,
    line integer not null,
    description text not null,
    plan text,
    quantity integer not null,
    unit_amount bigint,
    amount bigint not null,
    tax bigint not null,
    proration boolean not null,
    period_start timestamptz(3) not null,
    period_end timestamptz(3) not null,

    constraint invoice_line_pkey primary key (msp_id,invoice_id,line)
);

create table credit_note (
    msp_id uuid not null,
    credit_note_id uuid not null,
    invoice_id uuid not null,
    stripe_credit_note text not null,
    number text not null,
    status text not null,
    net bigint not null,
    tax bigint not null,
    total bigint not null,
    currency text not null,
    words text not null default '',
    pdf_url text,
    created_at timestamptz(3) not null,

    constraint credit_note_pkey primary key (msp_id,credit_note_id)
);

create table refund (
    msp_id uuid not null,
    refund_id uuid not null,
    invoice_id uuid not null,
    stripe_refund text not null,
    status text not null,
    amount bigint not null,
    currency text not null,
    created_at timestamptz(3) not null,

    constraint refund_pkey primary key (msp_id,refund_id),
    check (amount > 0)
);

create table stripe_event (
    msp_id uuid not null,
    event_id text not null,
    type text not null,
    object text not null,
    customer text,
    body text not null,
    created_at timestamptz(3) not null,
    received_at timestamptz(3) not null default now(),
    deliveries integer not null default 1,
    state text not null default 'waiting',
    attempts integer not null default 0,
    handled_at timestamptz(3),
    words text,
    next_at timestamptz(3) default now(),
    lease_until timestamptz(3),

    constraint stripe_event_pkey primary key (msp_id,event_id),
    check (state in ('waiting', 'done', 'ignored', 'failed')),
    check ((state = 'waiting') = (next_at is not null))
);

create table billing_intent (
    msp_id uuid not null,
    intent_id uuid not null,
    subscription_id uuid not null,
    kind text not null,
    input jsonb not null,
    state text not null default 'begun',
    attempts integer not null default 0,
    words text,
    asked_by text not null,
    begun_at timestamptz(3) not null default now(),
    ended_at timestamptz(3),
    next_at timestamptz(3) default now(),
    lease_until timestamptz(3),

    constraint billing_intent_pkey primary key (msp_id,intent_id),
    check (state in ('begun', 'done', 'refused')),
    check ((state = 'begun') = (next_at is not null)),
    check ((state = 'begun') = (ended_at is null))
);

create table billing_alarm (
    msp_id uuid not null,
    alarm_id uuid not null,
    kind text not null,
    subject text not null,
    expected bigint,
    found bigint,
    currency text,
    words text not null,
    raised_at timestamptz(3) not null default now(),
    cleared_at timestamptz(3),
    cleared_by text,

    constraint billing_alarm_pkey primary key (msp_id,alarm_id),
    check ((cleared_at is null) = (cleared_by is null))
);

create table reconciliation (
    msp_id uuid not null,
    run_id uuid not null,
    started_at timestamptz(3) not null default now(),
    ended_at timestamptz(3),
    subscriptions integer not null default 0,
    invoices integer not null default 0,
    vaults integer not null default 0,
    mended integer not null default 0,
    alarms integer not null default 0,
    words text,

    constraint reconciliation_pkey primary key (msp_id,run_id)
);

create table hosted_vault (
    msp_id uuid not null,
    vault_id text not null,
    subscription_id uuid not null,
    pop text not null,
    devices integer not null default 0,
    created_at timestamptz(3) not null default now(),
    expires_at timestamptz(3) not null,
    suspended_at timestamptz(3),
    told_expires_at timestamptz(3),
    told_suspended_at timestamptz(3),
    told_at timestamptz(3),
    delete_since timestamptz(3),
    delete_because text,
    gone_at timestamptz(3),
    attempts integer not null default 0,
    words text,
    next_at timestamptz(3) default now(),
    lease_until timestamptz(3),

    constraint hosted_vault_pkey primary key (msp_id,vault_id),
    check (vault_id ~ '^[A-Za-z0-9_-]{6}$'),
    check (devices >= 0),
    check (gone_at is null or delete_since is not null)
);
create unique index billing_account_stripe_customer_key on billing_account(stripe_customer);
create unique index subscription_stripe_subscription_key on subscription(stripe_subscription);
create index subscription_msp_id_client_id_idx on subscription(msp_id, client_id);
create index subscription_msp_id_period_end_idx on subscription(msp_id, period_end);
create unique index price_lock_msp_id_subscription_id_invoice_id_key on price_lock(msp_id, subscription_id, invoice_id);
create unique index invoice_stripe_invoice_key on invoice(stripe_invoice);
create index invoice_msp_id_created_at_invoice_id_idx on invoice(msp_id, created_at desc, invoice_id desc);
create index invoice_msp_id_subscription_id_created_at_idx on invoice(msp_id, subscription_id, created_at desc);
create unique index credit_note_stripe_credit_note_key on credit_note(stripe_credit_note);
create index credit_note_msp_id_invoice_id_idx on credit_note(msp_id, invoice_id);
create unique index refund_stripe_refund_key on refund(stripe_refund);
create index refund_msp_id_invoice_id_idx on refund(msp_id, invoice_id);
create index stripe_event_msp_id_received_at_idx on stripe_event(msp_id, received_at desc);
create index stripe_event_due_idx on stripe_event(next_at);
create index billing_intent_msp_id_subscription_id_begun_at_idx on billing_intent(msp_id, subscription_id, begun_at desc);
create index billing_intent_due_idx on billing_intent(next_at);
create index billing_alarm_msp_id_raised_at_idx on billing_alarm(msp_id, raised_at desc);
create index reconciliation_msp_id_started_at_idx on reconciliation(msp_id, started_at desc);
create unique index hosted_vault_vault_id_key on hosted_vault(vault_id);
create index hosted_vault_msp_id_subscription_id_idx on hosted_vault(msp_id, subscription_id);
create index hosted_vault_due_idx on hosted_vault(next_at);
alter table billing_account add constraint billing_account_msp_id_fkey foreign key (msp_id) references msp(msp_id) on delete restrict on update cascade;
alter table billing_account add constraint billing_account_msp_id_client_id_fkey foreign key (msp_id, client_id) references client(msp_id, client_id) on delete restrict on update cascade;
alter table subscription add constraint subscription_msp_id_account_id_fkey foreign key (msp_id, account_id) references billing_account(msp_id, account_id) on delete restrict on update cascade;
alter table subscription add constraint subscription_msp_id_client_id_fkey foreign key (msp_id, client_id) references client(msp_id, client_id) on delete restrict on update cascade;
alter table price_lock add constraint price_lock_msp_id_subscription_id_fkey foreign key (msp_id, subscription_id) references subscription(msp_id, subscription_id) on delete restrict on update cascade;
alter table price_lock add constraint price_lock_msp_id_invoice_id_fkey foreign key (msp_id, invoice_id) references invoice(msp_id, invoice_id) on delete restrict on update cascade;
alter table invoice add constraint invoice_msp_id_account_id_fkey foreign key (msp_id, account_id) references billing_account(msp_id, account_id) on delete restrict on update cascade;
alter table invoice add constraint invoice_msp_id_subscription_id_fkey foreign key (msp_id, subscription_id) references subscription(msp_id, subscription_id) on delete restrict on update cascade;
alter table invoice_line add constraint invoice_line_msp_id_invoice_id_fkey foreign key (msp_id, invoice_id) references invoice(msp_id, invoice_id) on delete restrict on update cascade;
alter table credit_note add constraint credit_note_msp_id_invoice_id_fkey foreign key (msp_id, invoice_id) references invoice(msp_id, invoice_id) on delete restrict on update cascade;
alter table refund add constraint refund_msp_id_invoice_id_fkey foreign key (msp_id, invoice_id) references invoice(msp_id, invoice_id) on delete restrict on update cascade;
alter table billing_intent add constraint billing_intent_msp_id_subscription_id_fkey foreign key (msp_id, subscription_id) references subscription(msp_id, subscription_id) on delete restrict on update cascade;
alter table hosted_vault add constraint hosted_vault_msp_id_subscription_id_fkey foreign key (msp_id, subscription_id) references subscription(msp_id, subscription_id) on delete restrict on update cascade;

-- One open lock per subscription, one open alarm of a kind about one thing, one thing at a time asked of Stripe for a subscription
-- (of two finance people at once the second is told), and one account of the MSP's own in each currency.
create unique index price_lock_open_key on price_lock (msp_id, subscription_id) where ended_at is null;
create unique index billing_alarm_open_key on billing_alarm (msp_id, kind, subject) where cleared_at is null;
create unique index billing_intent_open_key on billing_intent (msp_id, subscription_id) where state = 'begun';
create unique index billing_account_own_key on billing_account (msp_id, currency) where payer = 'msp';

-- Readings of Stripe are numbered when they begin; what an older one says never overwrites what a newer one said.
create sequence stripe_reading;
grant usage on sequence stripe_reading to clavitor_app;

alter table billing_account enable row level security;
alter table billing_account force row level security;
create policy tenant on billing_account using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table subscription enable row level security;
alter table subscription force row level security;
create policy tenant on subscription using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table price_lock enable row level security;
alter table price_lock force row level security;
create policy tenant on price_lock using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table invoice enable row level security;
alter table invoice force row level security;
create policy tenant on invoice using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table invoice_line enable row level security;
alter table invoice_line force row level security;
create policy tenant on invoice_line using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table credit_note enable row level security;
alter table credit_note force row level security;
create policy tenant on credit_note using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table refund enable row level security;
alter table refund force row level security;
create policy tenant on refund using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table stripe_event enable row level security;
alter table stripe_event force row level security;
create policy tenant on stripe_event using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table billing_intent enable row level security;
alter table billing_intent force row level security;
create policy tenant on billing_intent using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table billing_alarm enable row level security;
alter table billing_alarm force row level security;
create policy tenant on billing_alarm using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table reconciliation enable row level security;
alter table reconciliation force row level security;
create policy tenant on reconciliation using (msp_id = current_msp()) with check (msp_id = current_msp());
alter table hosted_vault enable row level security;
alter table hosted_vault force row level security;
create policy tenant on hosted_vault using (msp_id = current_msp()) with check (msp_id = current_msp());

grant select, insert, update (currency, name, email, country, address, tax_id_type, tax_id, purchase_order, stripe_customer, card_brand, card_last4, card_until, seen) on billing_account to clavitor_app;
grant select, insert, update on subscription to clavitor_app;
-- A lock is what was promised: its price, plan, currency and day are never altered. It can only end.
grant select, insert, update (ended_at, ended_because) on price_lock to clavitor_app;
grant select, insert, update on invoice to clavitor_app;
grant select, insert, update, delete on invoice_line to clavitor_app;
grant select, insert, update (status) on credit_note to clavitor_app;
grant select, insert, update (status) on refund to clavitor_app;
-- The body of an event is evidence: it stays as it came.
grant select, insert, update (deliveries, state, attempts, handled_at, words, next_at, lease_until) on stripe_event to clavitor_app;
grant select, insert, update (state, attempts, words, ended_at, next_at, lease_until) on billing_intent to clavitor_app;
grant select, insert, update (expected, found, words, cleared_at, cleared_by) on billing_alarm to clavitor_app;
grant select, insert, update (ended_at, subscriptions, invoices, vaults, mended, alarms, words) on reconciliation to clavitor_app;
grant select, insert, update (subscription_id, pop, devices, expires_at, suspended_at, told_expires_at, told_suspended_at, told_at, delete_since, delete_because, gone_at, attempts, words, next_at, lease_until) on hosted_vault to clavitor_app;

-- Work across tenants, and before one is known: ids only.
create policy claim on billing_account for select to clavitor_claim using (true);
grant select (msp_id, stripe_customer) on billing_account to clavitor_claim;
create policy claim on subscription for select to clavitor_claim using (true);
grant select (msp_id, subscription_id) on subscription to clavitor_claim;
create policy claim on stripe_event to clavitor_claim using (true) with check (true);
grant select (msp_id, event_id, state, created_at, next_at, lease_until), update (lease_until) on stripe_event to clavitor_claim;
create policy claim on billing_intent to clavitor_claim using (true) with check (true);
grant select (msp_id, intent_id, state, next_at, lease_until), update (lease_until) on billing_intent to clavitor_claim;
create policy claim on hosted_vault to clavitor_claim using (true) with check (true);
grant select (msp_id, vault_id, next_at, lease_until), update (lease_until) on hosted_vault to clavitor_claim;

create function stripe_tenant(customer text) returns uuid
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select a.msp_id from billing_account a where a.stripe_customer = customer;
end;

create function subscription_tenant(subscription uuid) returns uuid
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select s.msp_id from subscription s where s.subscription_id = subscription_tenant.subscription;
end;

create function hosted_vault_tenant(vault text) returns uuid
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select h.msp_id from hosted_vault h where h.vault_id = vault;
end;

-- Every tenant that pays: for the clocks and the nightly reconciliation.
create function billing_tenants() returns setof uuid
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select distinct a.msp_id from billing_account a;
end;

create function stripe_event_claim(at_most integer, lease_seconds integer) returns table (msp_id uuid, event_id text, lease_until timestamptz)
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update stripe_event e set lease_until = now() + make_interval(secs => least(greatest(lease_seconds, 15), 600))
    from (
      select due.msp_id, due.event_id from stripe_event due
       where due.next_at <= now() and (due.lease_until is null or due.lease_until < now())
       order by due.next_at limit least(at_most, 100) for update skip locked
    ) picked
   where e.msp_id = picked.msp_id and e.event_id = picked.event_id
  returning e.msp_id, e.event_id, e.lease_until;
end;

create function billing_intent_claim(at_most integer, lease_seconds integer) returns table (msp_id uuid, intent_id uuid, lease_until timestamptz)
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update billing_intent i set lease_until = now() + make_interval(secs => least(greatest(lease_seconds, 15), 600))
    from (
      select due.msp_id, due.intent_id from billing_intent due
       where due.next_at <= now() and (due.lease_until is null or due.lease_until < now())
       order by due.next_at limit least(at_most, 50) for update skip locked
    ) picked
   where i.msp_id = picked.msp_id and i.intent_id = picked.intent_id
  returning i.msp_id, i.intent_id, i.lease_until;
end;

create function hosted_vault_claim(at_most integer, lease_seconds integer) returns table (msp_id uuid, vault_id text, lease_until timestamptz)
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update hosted_vault h set lease_until = now() + make_interval(secs => least(greatest(lease_seconds, 15), 600))
    from (
      select due.msp_id, due.vault_id from hosted_vault due
       where due.next_at <= now() and (due.lease_until is null or due.lease_until < now())
       order by due.next_at limit least(at_most, 100) for update skip locked
    ) picked
   where h.msp_id = picked.msp_id and h.vault_id = picked.vault_id
  returning h.msp_id, h.vault_id, h.lease_until;
end;

create function billing_next_due() returns timestamptz
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select min(due.at) from (
    select min(greatest(e.next_at, e.lease_until)) as at from stripe_event e where e.next_at is not null
    union all select min(greatest(i.next_at, i.lease_until)) from billing_intent i where i.next_at is not null
    union all select min(greatest(h.next_at, h.lease_until)) from hosted_vault h where h.next_at is not null) due;
end;

-- Beside job_wake, for the one queue of money.
create function billing_wake(at timestamptz default now()) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $body$
begin
  perform graphile_worker.add_job('billing', '{}'::json, run_at => at, job_key => 'billing');
end
$body$;

grant create on schema public to clavitor_claim, clavitor_jobs;
alter function billing_wake(timestamptz) owner to clavitor_jobs;
alter function stripe_tenant(text) owner to clavitor_claim;
alter function subscription_tenant(uuid) owner to clavitor_claim;
alter function hosted_vault_tenant(text) owner to clavitor_claim;
alter function billing_tenants() owner to clavitor_claim;
alter function stripe_event_claim(integer, integer) owner to clavitor_claim;
alter function billing_intent_claim(integer, integer) owner to clavitor_claim;
alter function hosted_vault_claim(integer, integer) owner to clavitor_claim;
alter function billing_next_due() owner to clavitor_claim;
revoke create on schema public from clavitor_claim, clavitor_jobs;
revoke all on function billing_wake(timestamptz), stripe_tenant(text), subscription_tenant(uuid), hosted_vault_tenant(text), billing_tenants(), stripe_event_claim(integer, integer), billing_intent_claim(integer, integer), hosted_vault_claim(integer, integer), billing_next_due() from public;
grant execute on function billing_wake(timestamptz), stripe_tenant(text), subscription_tenant(uuid), hosted_vault_tenant(text), billing_tenants(), stripe_event_claim(integer, integer), billing_intent_claim(integer, integer), hosted_vault_claim(integer, integer), billing_next_due() to clavitor_app;
