"""The pages as an application: every route, on one screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Lifespan

from accrete.errors import AccreteError
from accrete.explorer.change_stream import Watch, stream
from accrete.explorer.guard import Headers
from accrete.explorer.pages import (
    billed,
    changes,
    costs,
    data,
    deeds,
    export,
    facts,
    numbers,
    overview,
    practices,
    projects,
    replay,
    search,
    sessions,
    settings,
    shortcuts,
    step,
)
from accrete.explorer.response import document, page, said
from accrete.explorer.static import Assets
from accrete.explorer.viewer import Viewer

BODY = 64 * 1024
"""The most bytes that a form may have: a note, a tag."""

ViewerOf = Callable[[Request], Awaitable[Viewer]]
"""Who makes a request; knows about sign-in and tenants what the pages do not."""


def routes() -> list[BaseRoute]:
    """Every page."""
    return [
        Route("/", page(overview.show, "overview.html")),
        Route("/sessions", page(sessions.show, "sessions.html")),
        Route("/sessions/{session}/own", page(deeds.show_said, "own.html")),
        Route("/sessions/{session}/forget", page(deeds.show, "forget.html")),
        Route("/sessions/{session}/forget", deeds.forget, methods=["POST"]),
        Route("/sessions/{session}/tags", deeds.tags, methods=["POST"]),
        Route("/sessions/{session}/title", deeds.title, methods=["POST"]),
        Route("/sessions/{session}/note", deeds.note, methods=["POST"]),
        Route("/undo/{name}", deeds.take_back),
        Route("/forgotten/{name}", deeds.forgotten),
        Route("/search", page(search.show, "search.html")),
        Route("/data", page(data.show, "data.html")),
        Route("/data/redactions", data.redactions),
        Route("/data/export", data.export),
        Route("/numbers", page(numbers.show, "numbers.html")),
        Route("/settings", page(settings.show, "settings.html")),
        Route("/settings", settings.save, methods=["POST"]),
        Route("/keys", page(shortcuts.show, "keys.html")),
        Route("/practices", page(practices.show, "practices.html")),
        Route("/practices/{name}", page(practices.show_one, "practice.html")),
        Route("/costs", page(costs.show, "costs.html")),
        Route("/responses", page(billed.show, "billed.html")),
        Route("/projects", page(projects.show, "projects.html")),
        Route("/projects/{id}", page(projects.show_one, "project.html")),
        *(
            Route(f"/sessions/{{session}}.{form}", document(export.export(form)))
            for form in ("md", "html", "json")
        ),
        Route("/sessions/{session}/changes", page(changes.show, "changes.html")),
        Route("/sessions/{session}/facts", page(facts.show, "facts.html")),
        Route("/sessions/{session}", page(replay.show, "replay.html")),
        Route("/sessions/{session}/steps/{step}", page(step.show, "step.html")),
        Route("/live", stream),
        Mount("/static", Assets(), name="static"),
    ]


def application(
    viewer_of: ViewerOf,
    *,
    pages: list[BaseRoute] | None = None,
    templates: tuple[Path, ...] = (),
    outer: list[Middleware] | None = None,
    lifespan: Lifespan[Starlette] | None = None,
    watch: Watch | None = None,
) -> Starlette:
    """The pages, for the viewer of each request. pages: others than the usual ones, and templates,
    the folders of theirs; outer: what stands before all of them; lifespan: what runs as long as
    they are served; watch: what tells open pages that something changed."""
    app = Starlette(
        routes=routes() if pages is None else [*pages, Mount("/static", Assets(), name="static")],
        middleware=[
            *(outer or []),
            Middleware(Headers),
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=6),
        ],
        exception_handlers={AccreteError: said, HTTPException: said, Exception: said},
        max_body_size=BODY,
        lifespan=lifespan,
    )
    app.state.viewer_of = viewer_of
    app.state.templates = templates
    app.state.memory = deeds.memory()
    app.state.watch = watch
    return app
