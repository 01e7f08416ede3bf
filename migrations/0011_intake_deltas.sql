-- Changes since the submission before, and what banks say of units that are published already.

alter table intake.submission add column follows timestamptz;
alter table intake.submission add constraint changes_follow
    check (update_mode <> 'DIFF' or (follows is not null and snapshot_time > follows));
comment on column intake.submission.follows is
    'snapshot_time of the submission of its bank that changes (DIFF) were made after.';

-- A row that cannot be read at all has no field.
alter table intake.rejection alter column field drop not null;

create table intake.published_difference (
    raw_unit_id bigint primary key references intake.raw_unit,
    submission_id bigint not null references intake.submission,
    deleted boolean not null,
    fields text[] not null,
    consent_ended boolean not null,
    check (deleted = (cardinality(fields) = 0)),
    check (consent_ended <= ('CONSENT_OPEN_DATA' = any(fields)))
);
comment on table intake.published_difference is
    'Published units that their bank describes differently now, or deleted. They stay as they are.';
grant select, insert, update, delete on intake.published_difference to cordgraph_operator;

create table intake.ended_consent (
    bank text not null,
    unit_number text not null,
    ended_at timestamptz not null default now(),
    primary key (bank, unit_number)
);
comment on table intake.ended_consent is
    'Units whose consent an operator ended, for good: no file of their bank gives it back.';
create trigger append_only before update or delete on intake.ended_consent
    for each row execute function intake.refuse_rewriting();
create trigger append_only_truncate before truncate on intake.ended_consent
    for each statement execute function intake.refuse_rewriting();
grant select, insert on intake.ended_consent to cordgraph_operator;
