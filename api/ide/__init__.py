"""GraphiQL from our own origin: pages at the GraphQL addresses, for whoever comes by browser."""
