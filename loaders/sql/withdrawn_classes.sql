select id, withdrawn
from open.batch_class
where withdrawn is not null
