"""The list of all pages."""

from api.pages import guides, schema_pages, service
from api.pages.home import make_home
from api.pages.page import Page
from api.pages.reference_data import make_banks, make_indications
from api.pages.releases import make_release, make_releases, release_paths

PAGES: tuple[Page, ...] = (
    Page("/", "home", make_home),
    Page("/releases/", "releases", make_releases),
    Page("/releases/{number}/", "release", make_release, release_paths),
    Page("/banks", "banks", make_banks),
    Page("/indications", "indications", make_indications),
    Page("/reference", "versions", schema_pages.make_versions),
    Page(
        "/reference/{version}",
        "reference",
        schema_pages.make_reference,
        schema_pages.reference_paths,
    ),
    Page(
        "/reference/{version}/changes",
        "changes",
        schema_pages.make_changes,
        schema_pages.changes_paths,
    ),
    Page("/guides", "guides", guides.make_guides),
    Page("/guides/adr", "guide", guides.make_decisions),
    Page("/guides/{name}", "guide", guides.make_guide, guides.guide_paths),
    Page("/guides/adr/{name}", "guide", guides.make_decision, guides.decision_paths),
    Page("/guides/migrating/{name}", "guide", guides.make_migration, guides.migration_paths),
    Page("/examples", "examples", guides.make_examples),
    Page("/examples/{name}", "example", guides.make_example, guides.example_paths),
    Page("/limits", "limits", service.make_limits),
    Page("/privacy", "privacy", service.make_privacy),
    Page("/status", "status", service.make_status),
    Page("/changelog", "changelog", service.make_changelog),
    Page("/terms", "terms"),
)
"""All kinds of pages; where two could answer, the first does."""
