-- Of each release after $1. OTHER comes last.
select release, locus, region, hla_group, units, copies, frequency, as_of
from open.hla_frequency
where release > $1
order by release, locus, region, hla_group = 'OTHER', hla_group collate "C"
