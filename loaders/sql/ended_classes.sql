-- The classes that releases after $1 up to $2 left out, by what names them in public.
select digest, added, withdrawn, units
from open.batch_class
where withdrawn > $1 and withdrawn <= $2
order by withdrawn, digest collate "C"
