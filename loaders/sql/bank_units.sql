select r.number as release, c.bank, sum(b.units)::integer as units
from unnest($1::integer[]) as r (number)
join open.batch_class b on b.added <= r.number and (b.withdrawn is null or b.withdrawn > r.number)
join open.unit_class c on c.id = b.class_id
where c.bank is not null
group by r.number, c.bank
