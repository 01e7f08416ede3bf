-- Who may release, what they agreed to, which banks may be named, and a log that nobody rewrites.

create function intake.refuse_rewriting() returns trigger language plpgsql as $$
begin
    raise exception 'rows of intake.% are never changed or removed', tg_table_name
        using errcode = 'integrity_constraint_violation',
              hint = 'Record what happened as a row of its own.';
end $$;

-- The log ---------------------------------------------------------------------------------------

alter table intake.audit_log add column account text;
comment on column intake.audit_log.actor is 'Role of the database session.';
comment on column intake.audit_log.account is 'Account of the operating system that ran the command.';

create trigger append_only before update or delete on intake.audit_log
    for each row execute function intake.refuse_rewriting();
create trigger append_only_truncate before truncate on intake.audit_log
    for each statement execute function intake.refuse_rewriting();

-- Approvers and what they signed -------------------------------------------------------------------

create table intake.approver (
    id bigint generated always as identity primary key,
    name text not null check (length(name) between 1 and 80),
    key_id text not null check (key_id ~ '^[0-9A-F]{16}$'),
    public_key bytea not null check (octet_length(public_key) = 32),
    added_at timestamptz not null default now(),
    removed_at timestamptz
);
comment on column intake.approver.public_key is
    'Ed25519. The key alone tells people apart: one key under two key ids is one person.';
create unique index on intake.approver (name) where removed_at is null;
create unique index on intake.approver (public_key) where removed_at is null;

create trigger kept before delete on intake.approver
    for each row execute function intake.refuse_rewriting();
create trigger kept_truncate before truncate on intake.approver
    for each statement execute function intake.refuse_rewriting();
create trigger kept_update before update on intake.approver for each row
    when (old.removed_at is not null
          or (to_jsonb(old) - 'removed_at') is distinct from (to_jsonb(new) - 'removed_at'))
    execute function intake.refuse_rewriting();

-- The table of the first version could not be written to by any command: it has no rows to keep.
drop table intake.approval;
create table intake.approval (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('release', 'scheme', 'withdrawal')),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    approver bigint not null references intake.approver,
    signature text not null,
    trusted_comment text not null,
    approved_at timestamptz not null default now(),
    unique (kind, digest, approver)
);
comment on table intake.approval is 'Signatures over a kind and a digest; verified again when used.';

create trigger append_only before update or delete on intake.approval
    for each row execute function intake.refuse_rewriting();
create trigger append_only_truncate before truncate on intake.approval
    for each statement execute function intake.refuse_rewriting();

-- What a plan said, so that a changed one can be compared with the one that was approved.
alter table intake.plan add column summary jsonb not null default '{}';
create trigger append_only before update or delete on intake.plan
    for each row execute function intake.refuse_rewriting();
create trigger append_only_truncate before truncate on intake.plan
    for each statement execute function intake.refuse_rewriting();

-- Banks that agreed to be named --------------------------------------------------------------------

create table intake.bank_waiver (
    id bigint generated always as identity primary key,
    bank text not null check (bank ~ '^[A-Z0-9]{1,12}$'),
    reference text not null check (length(reference) between 1 and 500),
    recorded_at timestamptz not null default now(),
    revoked_at timestamptz,
    revoked_reference text,
    check ((revoked_at is null) = (revoked_reference is null))
);
comment on column intake.bank_waiver.reference is 'Where the signed agreement of the bank is kept.';
create unique index on intake.bank_waiver (bank) where revoked_at is null;

create trigger kept before delete on intake.bank_waiver
    for each row execute function intake.refuse_rewriting();
create trigger kept_truncate before truncate on intake.bank_waiver
    for each statement execute function intake.refuse_rewriting();
create trigger kept_update before update on intake.bank_waiver for each row
    when (old.revoked_at is not null
          or (to_jsonb(old) - '{revoked_at,revoked_reference}'::text[])
             is distinct from (to_jsonb(new) - '{revoked_at,revoked_reference}'::text[]))
    execute function intake.refuse_rewriting();

grant select, insert on intake.approver, intake.approval, intake.bank_waiver to cordgraph_operator;
grant update (removed_at) on intake.approver to cordgraph_operator;
grant update (revoked_at, revoked_reference) on intake.bank_waiver to cordgraph_operator;

-- What everybody may know of the gate ----------------------------------------------------------------

create table open.gate_status (
    only_row boolean primary key default true check (only_row),
    checked_on date not null,
    release integer not null check (release >= 1),
    is_open boolean not null,
    reasons text[] not null,
    held_back_percent integer check (held_back_percent between 0 and 100),
    check (is_open = (cardinality(reasons) = 0))
);
comment on table open.gate_status is
    'The newest look at the gate in coarse words: no measured value but a whole percent.';
grant select on open.gate_status to cordgraph_reader, cordgraph_operator;
grant insert, update on open.gate_status to cordgraph_operator;
