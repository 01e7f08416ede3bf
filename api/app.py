"""The application: its routes, and what it holds while it runs."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypedDict

import strawberry
from starlette.applications import Starlette
from starlette.routing import Route

from api.addresses import CHANGES_FEED
from api.application import Application
from api.changes import ChangesEndpoint
from api.compat import Compat
from api.endpoint.compat import CompatEndpoint
from api.endpoint.dry_run import DryRun
from api.endpoint.graphql import GraphQLEndpoint
from api.export.endpoint import ExportEndpoint
from api.files.changes import ReleaseChangesEndpoint
from api.files.checked import CheckedFiles
from api.files.downloads import Downloads
from api.files.releases import ReleasesEndpoint
from api.health import live, ready
from api.ide.ide import Ide
from api.index import Index
from api.newest import Newest, open_newest
from api.pages.site import Site
from api.portals.description import Publisher
from api.portals.documents import Documents
from api.portals.endpoint import PortalsEndpoint
from api.public_address import PublicAddress
from api.quota.counter import open_counter
from api.quota.keys import ApiKeys
from api.quota.meter import Meter
from api.sdl import SdlEndpoint
from api.settings import Settings
from api.storage import open_reader, open_service
from api.tally import Tally, open_tally
from database.access import Access
from database.lanes import Lanes
from files.store import open_store
from schema.build import build_schema
from schema.changes import checked_in
from schema.versions import VERSIONS, Versions


class State(TypedDict):
    """What every request can reach."""

    pool: Lanes
    newest: Newest
    meter: Meter
    tally: Tally


def create_app(
    settings: Settings,
    access: Access,
    schemas: Mapping[str, strawberry.Schema] | None = None,
    versions: Versions = VERSIONS,
    retired: Mapping[str, str] | None = None,
) -> Starlette:
    """Return the application; it opens the database when it starts and closes it at the end.

    Args:
        settings: How it waits and what it allows.
        access: Addresses of the database; only the reader's and the service's are used.
        schemas: Schema of each version; those of `schema.build` if not given.
        versions: Where the versions stand; those of `schema.versions` if not given.
        retired: Definition of each version that is no longer served; those that are checked in if
            not given.
    """
    served = schemas or {each.name: build_schema(each.name) for each in versions.served}
    ide = Ide(served, versions)
    graphql = GraphQLEndpoint(served, versions.current.name, settings, versions=versions, ide=ide)
    if retired is None:
        retired = checked_in(each for each in versions if each not in versions.served)
    address = PublicAddress(settings.public_url)
    publisher = Publisher(settings.publisher, settings.contact)
    site = Site(served, versions, retired, settings.anonymous_quota, publisher, address)
    export = ExportEndpoint(graphql, settings)
    changes = ChangesEndpoint(served, versions, retired, address)
    documents = Documents(publisher, versions.current.name)
    portals = PortalsEndpoint(documents, address, site.addresses)
    files = CheckedFiles(open_store(settings.files) if settings.files else None)
    downloads = Downloads(settings.max_downloads)
    releases = ReleasesEndpoint(files, downloads, documents, address, site)
    compat = CompatEndpoint(Compat(served, versions), settings, graphql.reader.turns)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[State]:
        async with (
            open_reader(access, settings) as pool,
            open_newest(access, settings) as newest,
            open_service(access, settings) as service,
            open_counter(settings.redis_url) as counter,
            open_tally(service) as tally,
        ):
            meter = Meter(
                counter,
                ApiKeys(service),
                settings.anonymous_quota,
                settings.proxy_networks,
                settings.proxy_header,
            )
            yield {"pool": pool, "newest": newest, "meter": meter, "tally": tally}

    app = Application(
        graphql,
        [
            Route("/", Index(versions, site).answer),
            Route("/graphql", graphql),
            Route("/graphql/", graphql),
            Route("/graphql/{version}", graphql),
            Route("/graphql/{version}/", graphql),
            Route("/cost", DryRun(graphql)),
            Route("/cost/{version}", DryRun(graphql)),
            Route("/export", export),
            Route("/export/{version}", export),
            Route("/schema/{version}.graphql", SdlEndpoint(served, versions).answer),
            Route(CHANGES_FEED, changes.feed),
            Route("/schema/changes/{page}", changes.page),
            Route("/schema/migrating/{guide}", changes.migrating),
            Route("/compat", compat.answer, methods=["POST"]),
            Route("/releases", releases.bare),
            Route("/releases/", releases.all),
            Route("/releases/{release}/changes", ReleaseChangesEndpoint().answer),
            Route("/releases/{path:path}", releases.one),
            Route("/minisign.pub", releases.key),
            Route("/releases.atom", portals.feed),
            Route("/catalog", portals.catalog),
            Route("/catalog.{end}", portals.catalog_form),
            Route("/sitemap.xml", portals.sitemap),
            Route("/robots.txt", portals.robots),
            ide.route,
            Route("/health/live", live),
            Route("/health/ready", ready),
            *site.routes(),
        ],
        lifespan,
    )
    app.router.redirect_slashes = False
    return app
