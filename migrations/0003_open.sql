-- Everything that anybody can read. Nothing here is ever changed after publication, except that a
-- batch class or a release can be marked withdrawn, once.

create table open.bank (
    code text not null check (code ~ '^[A-Z0-9]{1,12}$'),
    since integer not null check (since >= 1),
    until integer check (until > since),
    name_en text not null,
    name_zh text not null,
    city text not null,
    region_code text not null check (region_code ~ '^[A-Z]{2}-[A-Z0-9]{1,3}$'),
    licence_year integer,
    operator text,
    sources jsonb not null,
    primary key (code, since)
);
comment on column open.bank.since is 'First release that reads this row.';
comment on column open.bank.until is 'First release that no longer reads this row.';

create table open.indication (
    code text not null check (code ~ '^[A-Z0-9]{1,12}$'),
    since integer not null check (since >= 1),
    until integer check (until > since),
    indication_group text not null check (indication_group in
        ('MALIGNANT', 'HAEMOGLOBINOPATHY', 'MARROW_FAILURE', 'IMMUNE_DEFICIENCY', 'METABOLIC')),
    name_en text not null,
    name_zh text not null,
    icd10 text,
    icd11 text,
    orpha text,
    sources jsonb not null,
    primary key (code, since)
);

create table open.scheme (
    number integer primary key check (number >= 1),
    k integer not null check (k >= 11),
    levels jsonb not null,
    frozen_at timestamptz not null default now()
);

create table open.release (
    number integer primary key check (number >= 1),
    scheme integer not null references open.scheme,
    published_at timestamptz not null default now(),
    profile text not null check (profile in ('strict', 'synthetic')),
    synthetic boolean not null,
    licence text not null,
    unit_count integer not null check (unit_count >= 0),
    added_unit_count integer not null check (added_unit_count = 0 or added_unit_count >= 11),
    withdrawn_unit_count integer not null check (withdrawn_unit_count = 0 or withdrawn_unit_count >= 11),
    bank_count integer not null,
    class_count integer not null,
    smallest_class integer not null check (smallest_class >= 11),
    median_class integer not null,
    held_back_percent integer not null check (held_back_percent between 0 and 100),
    judge text,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    withdrawn_at timestamptz,
    withdrawn_reason text,
    check (profile <> 'synthetic' or synthetic),
    check ((withdrawn_at is null) = (withdrawn_reason is null))
);

-- A combination of published values. Null: the scheme does not publish the attribute. A band
-- without ends under a scheme that publishes it: the bank recorded no value.
create table open.unit_class (
    id integer generated always as identity primary key,
    scheme integer not null references open.scheme,
    bank text,
    period_from integer,
    period_to integer,
    abo text check (abo in ('A', 'B', 'O', 'AB', 'UNKNOWN')),
    tnc_min double precision,
    tnc_max double precision,
    cd34_min double precision,
    cd34_max double precision,
    volume_min double precision,
    volume_max double precision,
    processing text check (processing in
        ('PLASMA_REDUCED', 'RBC_REDUCED', 'PLASMA_RBC_REDUCED', 'BUFFY_COAT', 'DENSITY_ENRICHED',
         'NOT_REDUCED', 'OTHER', 'UNKNOWN')),
    unique nulls not distinct (scheme, bank, period_from, period_to, abo, tnc_min, tnc_max,
        cd34_min, cd34_max, volume_min, volume_max, processing),
    check ((period_from is null) = (period_to is null) and period_from <= period_to),
    check (tnc_min < tnc_max), check (cd34_min < cd34_max), check (volume_min < volume_max)
);
comment on table open.unit_class is 'Cells: tnc in 10^8, cd34 in 10^6. Volume in millilitres.';

-- The members of a class that one batch published. k-anonymity is the check on units.
create table open.batch_class (
    id integer generated always as identity primary key,
    class_id integer not null references open.unit_class,
    added integer not null references open.release deferrable initially deferred,
    withdrawn integer references open.release deferrable initially deferred check (withdrawn > added),
    units integer not null check (units >= 11),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    unique (class_id, added)
);
comment on column open.batch_class.digest is 'SHA-256 of the class and its unit ids; see docs/digest.md.';

create table open.unit (
    id text collate "C" check (id ~ '^cbu_[0-9a-f]{20}$'),
    batch_class_id integer not null references open.batch_class,
    primary key (id) include (batch_class_id)
);
create index unit_of_class on open.unit (batch_class_id, id);

create table open.release_file (
    release integer not null references open.release,
    path text not null,
    media_type text not null,
    bytes bigint not null check (bytes >= 0),
    rows bigint check (rows >= 0),
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    primary key (release, path)
);

grant select on all tables in schema open to cordgraph_reader, cordgraph_operator;
grant insert on all tables in schema open to cordgraph_operator;
grant update (until) on open.bank, open.indication to cordgraph_operator;
grant delete on open.bank, open.indication to cordgraph_operator;
grant update (withdrawn) on open.batch_class to cordgraph_operator;
grant update (withdrawn_at, withdrawn_reason) on open.release to cordgraph_operator;

-- A publication ends with ANALYZE, so that the first queries are planned well. Before PostgreSQL 17
-- only the owner may, and the server does it by itself a little later.
do $$
begin
    if current_setting('server_version_num')::integer >= 170000 then
        grant maintain on all tables in schema open to cordgraph_operator;
        grant maintain on intake.unit_map, intake.raw_unit to cordgraph_operator;
    end if;
end $$;
