select
    r.number as release, i.code, i.indication_group, i.name_en, i.name_zh,
    i.icd10, i.icd11, i.orpha, i.sources
from unnest($1::integer[]) as r (number)
join open.indication i on i.since <= r.number and (i.until is null or i.until > r.number)
order by r.number, i.code collate "C"
