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
        max_fields: Fields of an operation, counted where fragments are spread.
        max_spreads: Fragment spreads of an operation, counted where fragments are spread.
        max_operations: Operations of a document.
        max_comments: Comments in a document.
        max_alias_length: Characters of an alias, which comes back in the answer and in errors.
        max_literal_entries: Entries of a list, and fields of an object, in the document.
        max_number_length: Characters of a number in the document.
        max_overlaps: Comparisons between fields of one response name.
        max_variable_values: Values in a request's variables, counted through lists and objects.
        max_variable_depth: Levels of lists and objects in a request's variables.
        max_cost: Cost of an operation, see docs/limits.md.
        max_values: Scalars and enums of an answer, counted before it is made.
        default_page_size: Items of a page when neither first nor last is given.
        max_page_size: Largest ``first`` or ``last``.
        max_ids: Ids in one ``nodes`` call, and entries in a list of a filter.
        max_inventory_cells: Cells of one inventory.
        max_search_length: Characters of a search text.
        max_answer_bytes: Bytes of an answer.
    """

    max_body_bytes: int = 100_000
    max_tokens: int = 2_000
    max_depth: int = 15
    max_aliases: int = 30
    max_fragments: int = 30
    max_root_fields: int = 20
    max_directives: int = 50
    max_fields: int = 1_000
    max_spreads: int = 300
    max_operations: int = 20
    max_comments: int = 200
    max_alias_length: int = 200
    max_literal_entries: int = 200
    max_number_length: int = 50
    max_overlaps: int = 3_000
    max_variable_values: int = 1_000
    max_variable_depth: int = 10
    max_cost: int = 10_000
    max_values: int = 50_000
    default_page_size: int = 20
    max_page_size: int = 100
    max_ids: int = 100
    max_inventory_cells: int = 5_000
    max_search_length: int = 100
    max_answer_bytes: int = 10_000_000


LIMITS = Limits()
