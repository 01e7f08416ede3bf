-- HLA in a normal form, for frequencies later on and for finding one donation counted twice.

alter table intake.raw_unit
    add column hla_normal jsonb,
    add column hla_key text;
comment on column intake.raw_unit.hla_normal is
    'For A, B, C, DRB1, DQB1 two values each: 11:01, 11 if only the first field is known, or null: {"A": ["11:01", null], ...}. One value twice is homozygous; null is not known. See docs/intake.md.';
comment on column intake.raw_unit.hla_key is
    'First fields of A, B and DRB1, each once: "11,24 46 09,12"; null if one of the loci says nothing.';

-- Units that were taken in before: their alleles are read, antigens are left out. Their next
-- inventory reads them in full.
create function pg_temp.allele(text) returns text language sql immutable as $$
    select case when $1 ~ '^([A-Z0-9]+\*)?[0-9]{2}:[0-9]{2,4}(:[0-9]+)*[NLSCAQ]?$'
                then substring($1 from '([0-9]{2}:[0-9]{2,4})')
                when $1 ~ '^([A-Z0-9]+\*)?[0-9]{2}(:[0-9A-Z:]+)?$'
                then substring(split_part($1, ':', 1) from '([0-9]{2})$') end
$$;
create function pg_temp.normal(hla jsonb) returns jsonb language sql immutable as $$
    select coalesce(jsonb_object_agg(locus, jsonb_build_array(
        least(one, other), case when one is not null and other is not null
                                then greatest(one, other) end)), '{}')
    from (select locus, pg_temp.allele(hla #>> array[locus, 'DNA', '0']) as one,
                 pg_temp.allele(hla #>> array[locus, 'DNA', '1']) as other
          from unnest(array['A', 'B', 'C', 'DRB1', 'DQB1']) locus
          where hla -> locus -> 'DNA' is not null) typed
$$;
create function pg_temp.groups(normal jsonb, locus text) returns text language sql immutable as $$
    select nullif(concat_ws(',', one, nullif(other, one)), '')
    from (select split_part(normal #>> array[locus, '0'], ':', 1) as one,
                 split_part(normal #>> array[locus, '1'], ':', 1) as other) known
$$;
update intake.raw_unit set hla_normal = pg_temp.normal(hla);
update intake.raw_unit
set hla_key = pg_temp.groups(hla_normal, 'A') || ' ' || pg_temp.groups(hla_normal, 'B') || ' '
              || pg_temp.groups(hla_normal, 'DRB1')
where hla_normal <> '{}';

create index donation on intake.raw_unit (birth_date, tnc_frozen, hla_key)
    where tnc_frozen is not null and hla_key is not null;

create function intake.may_be_same_value(one text, other text) returns boolean
language sql immutable parallel safe as $$
    select one is null or other is null or one = other
           or starts_with(one, other || ':') or starts_with(other, one || ':')
$$;

create function intake.may_be_same_type(one jsonb, other jsonb) returns boolean
language sql immutable parallel safe as $$
    select not exists (
        select from jsonb_each(one) a join jsonb_each(other) b using (key)
        where not (intake.may_be_same_value(a.value ->> 0, b.value ->> 0)
                   and intake.may_be_same_value(a.value ->> 1, b.value ->> 1))
          and not (intake.may_be_same_value(a.value ->> 0, b.value ->> 1)
                   and intake.may_be_same_value(a.value ->> 1, b.value ->> 0)))
$$;
comment on function intake.may_be_same_type is
    'Whether no locus of two normal forms contradicts: 11 agrees with 11:01, null with everything.';

-- Units that look like another one. The key is looked for first, in the order of its index: sorting
-- or hashing millions of keys would spill to disk. What is null is equal to nothing. Types are
-- compared only among the few units that share a key.
create function intake.look_alikes()
returns table (id bigint, birth_date date, tnc_frozen double precision, hla_key text)
language sql stable set enable_hashagg = off set enable_sort = off as $$
    with crowded as materialized (
        select u.birth_date, u.tnc_frozen, u.hla_key from intake.raw_unit u
        where u.tnc_frozen is not null and u.hla_key is not null
        group by u.birth_date, u.tnc_frozen, u.hla_key having count(*) > 1
    ), alike as materialized (
        select u.id, u.birth_date, u.tnc_frozen, u.hla_key, u.hla_normal
        from intake.raw_unit u join crowded c
        on c.birth_date = u.birth_date and c.tnc_frozen = u.tnc_frozen and c.hla_key = u.hla_key
    )
    select a.id, a.birth_date, a.tnc_frozen, a.hla_key from alike a where exists (
        select from alike b
        where b.birth_date = a.birth_date and b.tnc_frozen = a.tnc_frozen
          and b.hla_key = a.hla_key and b.id <> a.id
          and intake.may_be_same_type(a.hla_normal, b.hla_normal))
$$;
