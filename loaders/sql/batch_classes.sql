-- The classes after $1, at most $2: a long table is read in pieces.
select
    b.id, b.units, b.added, c.bank, c.period_from, c.period_to, c.abo,
    jsonb_typeof(s.levels -> 'tnc_cuts') = 'array' as tnc_published, c.tnc_min, c.tnc_max,
    jsonb_typeof(s.levels -> 'cd34_cuts') = 'array' as cd34_published, c.cd34_min, c.cd34_max,
    jsonb_typeof(s.levels -> 'volume_cuts') = 'array' as volume_published,
    c.volume_min, c.volume_max, c.processing
from open.batch_class b
join open.unit_class c on c.id = b.class_id
join open.scheme s on s.number = c.scheme
where b.id > $1
order by b.id
limit $2
