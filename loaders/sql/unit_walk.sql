-- $2 is the newest batch class of the release: what is published meanwhile stays out.
select id, batch_class_id
from open.unit
where id > $1 and batch_class_id <= $2
order by id
limit $3
