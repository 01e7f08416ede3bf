"""Everything that has an id of its own."""

import strawberry


@strawberry.interface(description="An object that can be fetched again by its id.")
class Node:
    """Implemented by releases, banks, indications and units."""

    id: strawberry.ID = strawberry.field(
        description="Opaque id, unique over all types: rel_, bnk_, ind_ or cbu_ and a key."
    )
