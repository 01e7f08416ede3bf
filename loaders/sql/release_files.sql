select release, path, media_type, bytes, rows, sha256
from open.release_file
where release = any($1::integer[])
order by release, path
