-- For few classes: each is walked through its own index, and the walks are merged.
select u.id, u.batch_class_id
from unnest($2::integer[]) as wanted (batch_class_id)
cross join lateral (
    select id, batch_class_id
    from open.unit
    where batch_class_id = wanted.batch_class_id and id > $1
    order by id
    limit $3
) as u
order by u.id
limit $3
