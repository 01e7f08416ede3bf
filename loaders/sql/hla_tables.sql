-- Of each release after $1, in the order of the contract: what a release says never changes.
select release, locus, region, published_units, typed_units, as_of
from open.hla_table
where release > $1
order by release, array_position(array['A', 'B', 'C', 'DRB1', 'DQB1'], locus),
    array_position(array['NORTH', 'SOUTH', 'NATION'], region)
