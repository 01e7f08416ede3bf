-- $3 has one bit for each batch class up to the newest one, $2: no list to plan for or to search.
select id, batch_class_id
from open.unit
where
    id > $1
    and case when batch_class_id <= $2 then get_bit($3::bytea, batch_class_id) = 1 else false end
order by id
limit $4
