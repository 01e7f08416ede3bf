-- What scheme searches came to, and which proposal became which scheme.

create table intake.scheme_proposal (
    digest text primary key check (digest ~ '^[0-9a-f]{64}$'),
    scheme integer not null check (scheme > 1),
    document jsonb not null,
    proposed_at timestamptz not null default now(),
    proposed_by text not null default session_user
);
comment on table intake.scheme_proposal is
    'Proposed levels with the figures that approvers are shown; see docs/scheme.md.';

create table intake.frozen_scheme (
    scheme integer primary key references open.scheme,
    proposal text not null unique references intake.scheme_proposal,
    profile text not null check (profile in ('strict', 'synthetic'))
);
comment on column intake.frozen_scheme.profile is
    'Under strict, two people approved. What was frozen under synthetic waits for them.';

do $$
declare
    name text;
begin
    foreach name in array array['scheme_proposal', 'frozen_scheme'] loop
        execute format(
            'create trigger append_only before update or delete on intake.%I '
            'for each row execute function intake.refuse_rewriting()', name);
        execute format(
            'create trigger append_only_truncate before truncate on intake.%I '
            'for each statement execute function intake.refuse_rewriting()', name);
    end loop;
end $$;

grant select, insert on intake.scheme_proposal, intake.frozen_scheme to cordgraph_operator;
