select
    c.id as cell, c.since, v.as_of,
    array(
        select distinct p.indication from open.activity_part p where p.cell = c.id order by 1
    ) as indications,
    c.year_from, c.year_to, c.region, v.units
from open.activity_cell c
join open.activity_value v on v.cell = c.id
order by c.id, v.as_of
