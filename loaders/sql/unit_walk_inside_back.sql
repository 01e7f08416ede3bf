select id, batch_class_id
from open.unit
where id < $1 and batch_class_id = any ($2::integer[])
order by id desc
limit $3
