-- $1: selections as JSON (Selection.as_json); the conditions are those of selected_classes.sql.
select
    c.bank, c.period_from, c.period_to, c.abo,
    jsonb_typeof(s.levels -> 'tnc_cuts') = 'array' as tnc_published, c.tnc_min, c.tnc_max,
    jsonb_typeof(s.levels -> 'cd34_cuts') = 'array' as cd34_published, c.cd34_min, c.cd34_max,
    jsonb_typeof(s.levels -> 'volume_cuts') = 'array' as volume_published,
    c.volume_min, c.volume_max,
    c.processing, b.added, f.position, sum(b.units)::integer as units
from jsonb_to_recordset($1::jsonb) as f (
        position integer, release integer, bank text[], abo text[], processing text[],
        collected_from integer, collected_to integer,
        tnc_at_least double precision, tnc_below double precision,
        cd34_at_least double precision, cd34_below double precision,
        volume_at_least double precision, volume_below double precision,
        added_in integer[]
)
join open.batch_class b
    on b.added <= f.release and (b.withdrawn is null or b.withdrawn > f.release)
join open.unit_class c on c.id = b.class_id
join open.scheme s on s.number = c.scheme
where
        (f.bank is null or c.bank = any (f.bank))
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
group by
    f.position, c.bank, c.period_from, c.period_to, c.abo, s.levels,
    c.tnc_min, c.tnc_max, c.cd34_min, c.cd34_max, c.volume_min, c.volume_max,
    c.processing, b.added
