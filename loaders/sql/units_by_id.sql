select id, batch_class_id
from open.unit
where id = any ($1::text[])
