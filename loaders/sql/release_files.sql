select release, path, media_type, bytes, rows, sha256
from open.release_file
order by release, path
