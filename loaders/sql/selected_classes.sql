-- $1: selections as JSON (Selection.as_json). The lowest band has no lower end and starts at 0.
-- A batch class that the release withdrew is outside, so that inside and outside are complete.
with matched as (
    select
        f.position, b.id, b.units,
        case
            when c.tnc_min is not null then c.tnc_min
            when c.tnc_max is not null then 0
            else -1
        end as tnc_rank,
        (b.withdrawn is null or b.withdrawn > f.release)
        and (f.bank is null or c.bank = any (f.bank))
        and (f.abo is null or c.abo = any (f.abo))
        and (f.processing is null or c.processing = any (f.processing))
        and (f.collected_from is null or c.period_from >= f.collected_from)
        and (f.collected_to is null or c.period_to <= f.collected_to)
        and (f.tnc_at_least is null or
             coalesce(c.tnc_min, case when c.tnc_max is not null then 0 end) >= f.tnc_at_least)
        and (f.tnc_below is null or c.tnc_max <= f.tnc_below)
        and (f.cd34_at_least is null or
             coalesce(c.cd34_min, case when c.cd34_max is not null then 0 end) >= f.cd34_at_least)
        and (f.cd34_below is null or c.cd34_max <= f.cd34_below)
        and (f.volume_at_least is null or
             coalesce(c.volume_min, case when c.volume_max is not null then 0 end) >= f.volume_at_least)
        and (f.volume_below is null or c.volume_max <= f.volume_below)
        and (f.added_in is null or b.added = any (f.added_in))
        as inside
    from jsonb_to_recordset($1::jsonb) as f (
        position integer, release integer, bank text[], abo text[], processing text[],
        collected_from integer, collected_to integer,
        tnc_at_least double precision, tnc_below double precision,
        cd34_at_least double precision, cd34_below double precision,
        volume_at_least double precision, volume_below double precision,
        added_in integer[]
    )
    join open.batch_class b on b.added <= f.release
    join open.unit_class c on c.id = b.class_id
)
select
    position, tnc_rank,
    coalesce(array_agg(id) filter (where inside is true), '{}') as inside,
    coalesce(array_agg(id) filter (where inside is not true), '{}') as outside,
    coalesce(sum(units) filter (where inside is true), 0)::integer as units,
    coalesce(sum(units) filter (where inside is not true), 0)::integer as units_outside
from matched
group by position, tnc_rank
order by position, tnc_rank desc
