create table intake.submission (
    id bigint generated always as identity primary key,
    file_name text not null,
    content_sha256 text not null unique check (content_sha256 ~ '^[0-9a-f]{64}$'),
    update_mode text not null check (update_mode in ('FULL', 'DIFF')),
    synthetic boolean not null,
    banks text[] not null,
    snapshot_time timestamptz,
    received_at timestamptz not null default now(),
    units_read integer not null check (units_read >= 0),
    units_rejected integer not null check (units_rejected between 0 and units_read)
);
comment on table intake.submission is 'A file that was taken in; its hash makes a second try a no-op.';

-- Only what publication, checks for double counting and later frequency tables need is kept.
-- Mother, infectious markers, KIR, patient, sex and ethnicity are dropped at the door.
create table intake.raw_unit (
    id bigint generated always as identity primary key,
    submission_id bigint not null references intake.submission,
    line integer not null check (line > 0),
    bank text not null,
    unit_number text not null check (length(unit_number) between 1 and 17),
    birth_date date not null,
    collection_date date,
    status text not null check (status in ('AV', 'TU', 'RS')),
    consent boolean not null,
    synthetic boolean not null,
    abo text check (abo in ('A', 'B', 'O', 'AB')),
    tnc_frozen double precision check (tnc_frozen > 0),
    cd34_frozen double precision check (cd34_frozen > 0),
    volume_ml double precision check (volume_ml > 0),
    product_modification text,
    hla jsonb not null,
    unique (bank, unit_number)
);
comment on column intake.raw_unit.tnc_frozen is 'TNC_FRZN: total nucleated cells after processing, a count of cells.';
comment on column intake.raw_unit.cd34_frozen is 'CD34PC_FRZN: CD34+ cells after processing, a count of cells.';
comment on column intake.raw_unit.hla is 'Typing as submitted: {"A": {"DNA": ["11:01", "24:02"], "SER": [...]}, ...}.';
create index on intake.raw_unit (submission_id);

create table intake.rejection (
    submission_id bigint not null references intake.submission,
    line integer not null,
    unit_number text,
    field text not null,
    code text not null,
    message text not null
);
create index on intake.rejection (submission_id);

-- The only place that joins a bank's own number with a public id. A unit whose release is null
-- was considered and waits for its class to reach k.
create table intake.unit_map (
    raw_unit_id bigint primary key references intake.raw_unit,
    scheme integer not null,
    unit_id text collate "C" not null unique,
    release integer
);
create index on intake.unit_map (release);

create table intake.scheme_key (
    scheme integer primary key,
    fingerprint text not null
);
comment on table intake.scheme_key is 'Tells whether a key file is the right one; the key itself is outside the database.';

create table intake.plan (
    id bigint generated always as identity primary key,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    release integer not null,
    profile text not null,
    checks jsonb not null,
    planned_at timestamptz not null default now()
);

create table intake.approval (
    plan_digest text not null,
    approver text not null,
    approved_at timestamptz not null default now(),
    primary key (plan_digest, approver)
);

create table intake.audit_log (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    actor text not null default session_user,
    action text not null,
    subject text not null,
    details jsonb not null default '{}'
);

grant select, insert, update, delete on intake.raw_unit, intake.unit_map to cordgraph_operator;
grant select, insert on
    intake.submission, intake.rejection, intake.scheme_key, intake.plan, intake.approval,
    intake.audit_log
to cordgraph_operator;
