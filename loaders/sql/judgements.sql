select release, judge, version, k, k_of_batches, units, confirmed, judged_at
from open.judgement
order by release, id
