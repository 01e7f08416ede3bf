select u.id, u.batch_class_id, b.added, b.withdrawn
from open.unit u
join open.batch_class b on b.id = u.batch_class_id
where u.id = any ($1::text[])
