-- As each release after $1 reads them: what a release has read never changes.
select
    r.number as release, i.code, i.indication_group, i.name_en, i.name_zh,
    i.icd10, i.icd11, i.orpha, i.sources
from open.release r
join open.indication i on i.since <= r.number and (i.until is null or i.until > r.number)
where r.number > $1
order by r.number, i.code collate "C"
