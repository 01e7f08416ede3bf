-- What banks report of transplants: units that they released in a year, by indication. Reports are
-- only ever added; of a bank and year the newest counts.

create table intake.activity_submission (
    id bigint generated always as identity primary key,
    file_name text not null,
    content_sha256 text not null unique check (content_sha256 ~ '^[0-9a-f]{64}$'),
    synthetic boolean not null,
    created_at timestamptz,
    received_at timestamptz not null default now(),
    rows_read integer not null check (rows_read >= 0),
    rows_refused integer not null check (rows_refused between 0 and rows_read)
);
comment on table intake.activity_submission is
    'A file of reports that was taken in; its hash makes a second try a no-op.';
comment on column intake.activity_submission.created_at is 'CREATION_TIME of the file, if it says it.';

create table intake.activity_report (
    id bigint generated always as identity primary key,
    submission_id bigint not null references intake.activity_submission,
    bank text not null,
    year integer not null check (year between 1988 and 9999),
    unique (submission_id, bank, year)
);
create index on intake.activity_report (bank, year, id);
comment on table intake.activity_report is 'What a bank says of a year; one without counts says zero.';

create table intake.activity_count (
    report_id bigint not null references intake.activity_report,
    indication text not null check (indication ~ '^[A-Z0-9]{1,12}$'),
    units integer not null check (units between 1 and 9999),
    primary key (report_id, indication)
);
comment on column intake.activity_count.units is
    'Units released for transplant, not patients: one may get two.';

create table intake.activity_rejection (
    submission_id bigint not null references intake.activity_submission,
    line integer,
    field text,
    code text not null,
    message text not null
);
create index on intake.activity_rejection (submission_id);

create view intake.newest_activity_report as
select distinct on (bank, year) id, submission_id, bank, year
from intake.activity_report order by bank, year, id desc;

do $$
declare
    name text;
begin
    foreach name in array array['activity_submission', 'activity_report', 'activity_count',
                                'activity_rejection'] loop
        execute format('create trigger append_only before update or delete on intake.%I '
            'for each row execute function intake.refuse_rewriting()', name);
        execute format('create trigger append_only_truncate before truncate on intake.%I '
            'for each statement execute function intake.refuse_rewriting()', name);
    end loop;
end $$;

grant select, insert on
    intake.activity_submission, intake.activity_report, intake.activity_count,
    intake.activity_rejection
to cordgraph_operator;
grant select on intake.newest_activity_report to cordgraph_operator;
