-- What is taken back: whole batch classes, which the next release leaves out, or a whole release.

create table intake.withdrawal (
    id bigint generated always as identity primary key,
    digest text not null unique check (digest ~ '^[0-9a-f]{64}$'),
    cause text not null check (cause in ('consent', 'fault', 'waiver')),
    reason text not null check (length(reason) between 1 and 500),
    release integer references open.release,
    planned_at timestamptz not null default now(),
    cancelled_at timestamptz,
    done_at timestamptz,
    done_in integer references open.release deferrable initially deferred,
    check (cancelled_at is null or done_at is null),
    check ((done_in is null) or (done_at is not null and release is null))
);
comment on column intake.withdrawal.release is 'The whole release that is withdrawn; null: classes.';
comment on column intake.withdrawal.done_in is 'First release that leaves the classes out.';

create table intake.withdrawal_class (
    withdrawal bigint not null references intake.withdrawal,
    batch_class integer not null references open.batch_class,
    primary key (withdrawal, batch_class)
);

create trigger kept before delete on intake.withdrawal
    for each row execute function intake.refuse_rewriting();
create trigger kept_truncate before truncate on intake.withdrawal
    for each statement execute function intake.refuse_rewriting();
create trigger kept_update before update on intake.withdrawal for each row
    when (old.cancelled_at is not null or old.done_at is not null
          or (to_jsonb(old) - '{cancelled_at,done_at,done_in}'::text[])
             is distinct from (to_jsonb(new) - '{cancelled_at,done_at,done_in}'::text[]))
    execute function intake.refuse_rewriting();
create trigger append_only before update or delete on intake.withdrawal_class
    for each row execute function intake.refuse_rewriting();
create trigger append_only_truncate before truncate on intake.withdrawal_class
    for each statement execute function intake.refuse_rewriting();

-- A unit is published once. Its origin is what keeps it, and the members of withdrawn classes, from
-- ever coming back, under whichever scheme.
create trigger published_once before update or delete on intake.unit_map for each row
    when (old.release is not null) execute function intake.refuse_rewriting();
create trigger published_once_truncate before truncate on intake.unit_map
    for each statement execute function intake.refuse_rewriting();

grant select, insert on intake.withdrawal, intake.withdrawal_class to cordgraph_operator;
grant update (cancelled_at, done_at, done_in) on intake.withdrawal to cordgraph_operator;
