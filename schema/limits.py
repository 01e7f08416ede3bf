"""The limits that every request meets; published in the schema as ``service { limits }``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Numbers that a client can plan with.

    Attributes:
        max_body_bytes: Bytes of a request's body, and of a document given in a URL.
        max_tokens: Lexical tokens of a document.
        max_depth: Levels of nested selection sets.
        max_aliases: Aliased fields of a document, counted where fragments are spread.
        max_fragments: Fragment definitions of a document.
        max_root_fields: Fields of the operation's root, counted where fragments are spread.
        max_directives: Directives of a document.
        default_page_size: Items of a page when neither first nor last is given.
        max_page_size: Largest ``first`` or ``last``.
        max_ids: Ids in one ``nodes`` call, and entries in a list of a filter.
        max_inventory_cells: Cells of one inventory.
        max_search_length: Characters of a search text.
    """

    max_body_bytes: int = 100_000
    max_tokens: int = 2_000
    max_depth: int = 15
    max_aliases: int = 30
    max_fragments: int = 30
    max_root_fields: int = 20
    max_directives: int = 50
    default_page_size: int = 20
    max_page_size: int = 100
    max_ids: int = 100
    max_inventory_cells: int = 5_000
    max_search_length: int = 100


LIMITS = Limits()
