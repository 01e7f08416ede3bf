-- HLA frequencies by locus and region: what everybody reads, what was counted for it, and the
-- approvals without which none of it leaves.

create table open.hla_table (
    release integer not null references open.release deferrable initially deferred,
    locus text not null check (locus in ('A', 'B', 'C', 'DRB1', 'DQB1')),
    region text not null check (region in ('NORTH', 'SOUTH', 'NATION')),
    published_units integer not null check (published_units >= typed_units),
    typed_units integer not null check (typed_units >= 20 and typed_units % 20 = 0),
    as_of integer not null references open.release deferrable initially deferred
        check (as_of <= release),
    primary key (release, locus, region)
);
comment on table open.hla_table is 'A locus in a region; see docs/hla.md.';
comment on column open.hla_table.typed_units is
    'Units of which both values are known, rounded down to a multiple of 20 in each part.';
comment on column open.hla_table.as_of is 'The release that was counted; an older one stands.';

create table open.hla_frequency (
    release integer not null,
    locus text not null,
    region text not null,
    hla_group text not null check (hla_group ~ '^([0-9]{2,4}|OTHER)$'),
    units integer not null check (units >= 20),
    copies integer,
    frequency double precision not null check (frequency between 0 and 1),
    as_of integer not null references open.release deferrable initially deferred
        check (as_of <= release),
    primary key (release, locus, region, hla_group),
    foreign key (release, locus, region) references open.hla_table deferrable initially deferred,
    check (case when hla_group = 'OTHER' then copies is null and units % 20 = 0
                else copies between units and 2 * units and (copies - units) % 40 = 0 end)
);
comment on column open.hla_frequency.units is
    'Distinct units with the group; of OTHER (all that are not shown) rounded down.';
comment on column open.hla_frequency.copies is
    'units and homozygotes, these rounded to multiples of 40 in each part of the nation.';

do $$
declare
    name text;
begin
    foreach name in array array['hla_table', 'hla_frequency'] loop
        execute format(
            'create trigger frozen before update or delete on open.%I '
            'for each row execute function open.refuse_change()', name);
        execute format(
            'create trigger frozen_truncate before truncate on open.%I '
            'for each statement execute function open.refuse_change()', name);
    end loop;
end $$;

-- Two releases never say counts of a group that differ by fewer than 20 units.
create function open.check_hla_changes() returns trigger language plpgsql as $$
declare
    wrong record;
begin
    select a.release, a.locus, a.region, a.hla_group, f.release as earlier into wrong
    from added a join open.hla_frequency f using (locus, region, hla_group)
    where abs(f.units - a.units) between 1 and 19 limit 1;
    if found then
        raise exception 'the units of %*% in % differ by fewer than 20 in releases % and %',
            wrong.locus, wrong.hla_group, wrong.region, wrong.earlier, wrong.release
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create trigger differences after insert on open.hla_frequency
    referencing new table as added for each statement execute function open.check_hla_changes();

grant select on open.hla_table, open.hla_frequency to cordgraph_reader, cordgraph_operator;
grant insert on open.hla_table, open.hla_frequency to cordgraph_operator;

-- What was counted, so that later tables can be compared with it exactly -----------------------------

create table intake.hla_count (
    release integer not null references open.release deferrable initially deferred,
    locus text not null,
    bank text not null,
    part text check (part in ('NORTH', 'SOUTH')),
    published integer not null check (published >= 0),
    genotypes jsonb not null,
    primary key (release, locus, bank)
);
comment on table intake.hla_count is
    'Units by genotype of the releases whose tables say it: {"02 11": 17, ...}, first fields.';

-- Approvals to open HLA data -------------------------------------------------------------------------

create table intake.hla_approval (
    id bigint generated always as identity primary key,
    reference text not null check (length(reference) between 1 and 500),
    recorded_at timestamptz not null default now(),
    revoked_at timestamptz,
    revoked_reference text,
    check ((revoked_at is null) = (revoked_reference is null))
);
comment on column intake.hla_approval.reference is
    'Where the approval of the authority for human genetic resources is kept.';
create unique index on intake.hla_approval ((true)) where revoked_at is null;

create trigger kept before delete on intake.hla_approval
    for each row execute function intake.refuse_rewriting();
create trigger kept_truncate before truncate on intake.hla_approval
    for each statement execute function intake.refuse_rewriting();
create trigger kept_update before update on intake.hla_approval for each row
    when (old.revoked_at is not null
          or (to_jsonb(old) - '{revoked_at,revoked_reference}'::text[])
             is distinct from (to_jsonb(new) - '{revoked_at,revoked_reference}'::text[]))
    execute function intake.refuse_rewriting();
create trigger append_only before update or delete on intake.hla_count
    for each row execute function intake.refuse_rewriting();
create trigger append_only_truncate before truncate on intake.hla_count
    for each statement execute function intake.refuse_rewriting();

grant select, insert on intake.hla_count, intake.hla_approval to cordgraph_operator;
grant update (revoked_at, revoked_reference) on intake.hla_approval to cordgraph_operator;
