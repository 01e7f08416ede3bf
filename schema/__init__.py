"""The public contract: GraphQL types, thin resolvers and versions."""
