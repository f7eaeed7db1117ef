"""The site: routes addresses to pages, and turns errors into error pages.

In: an open store. Out: an ASGI app. Pages run in two groups of threads, so that slow questions
delay only other slow questions.
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from importlib.resources import files
from types import MappingProxyType
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from provstore.errors import (
    BadParameter,
    BadQuery,
    ProvstoreError,
    Refused,
    StoreUnavailable,
    UnknownName,
    ViewUnavailable,
)
from provstore.pictures import html_page as picture
from provstore.store import ProvStore
from provstore.web import board_page, ingest_pages, question_pages, resource_pages, search_page
from provstore.web.access_guard import SCRIPTED_POLICY
from provstore.web.content_types import FORMATS, HTML, choose_format
from provstore.web.html_rendering import Templates
from provstore.web.page import Page
from provstore.web.page_names import address
from provstore.web.page_queries import PageQueries

PageMaker = Callable[[PageQueries, Mapping[str, str]], Page]
_QUICK, _SLOW = "quick", "slow"
THREADS = {_QUICK: 4, _SLOW: 2}
"""The number of pages of each lane that are made at once; the others wait."""

MAX_LINK_HEADER = 2048
"""The maximum length of the header `Link`; proxies refuse replies with long headers."""

PAGES: Mapping[str, tuple[PageMaker, str]] = MappingProxyType(
    {
        "/": (board_page.board_page, _QUICK),
        "/search": (search_page.search_page, _QUICK),
        "/ingest/{_name}": (ingest_pages.ingest_page, _QUICK),
        "/dataset": (ingest_pages.dataset_page, _QUICK),
        "/bundle": (resource_pages.bundle_page, _QUICK),
        "/thing": (resource_pages.resource_page, _SLOW),
        "/question/": (question_pages.questions_page, _QUICK),
        "/question/{_name}": (question_pages.question_page, _SLOW),
    }
)
STATUS: Mapping[type[ProvstoreError], HTTPStatus] = MappingProxyType(
    {
        UnknownName: HTTPStatus.NOT_FOUND,
        BadParameter: HTTPStatus.BAD_REQUEST,
        Refused: HTTPStatus.NOT_ACCEPTABLE,
        BadQuery: HTTPStatus.GATEWAY_TIMEOUT,
        ViewUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
        StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    }
)


def make_site(store: ProvStore) -> Starlette:
    """Make the site of a store; `access_guard` checks the requests."""
    queries = PageQueries(store)
    templates = Templates(queries)
    lanes = {lane: CapacityLimiter(most) for lane, most in THREADS.items()}

    def route(path: str, make: PageMaker, lane: str) -> Route:
        async def endpoint(request: Request) -> Response:
            work = partial(_make_response, request, queries, templates, make)
            return await to_thread.run_sync(work, limiter=lanes[lane])

        return Route(path, endpoint, methods=["GET"])

    routes = [route(path, *row) for path, row in PAGES.items()]
    routes += [
        Route(path, partial(_file_response, *row), methods=["GET"]) for path, row in FILES.items()
    ]
    not_found = partial(_not_found_response, templates)
    return Starlette(routes=routes, exception_handlers={HTTPException: not_found})


def _make_response(
    request: Request, queries: PageQueries, templates: Templates, make: PageMaker
) -> Response:
    """Make a page in the requested format, or an error page."""
    parameters = {**request.query_params, **request.path_params}
    links = _format_links(request)
    try:
        form = choose_format(parameters.pop("format", ""), request.headers.get("accept", ""))
        page = make(queries, parameters)
        text = form.make(page) if form.make else templates.page(page, links)
    except Exception as error:
        return _error_response(templates, error, links)
    headers = {"Vary": "Accept", **_link_header(links)}
    if page.scripted and form is HTML:
        headers["Content-Security-Policy"] = SCRIPTED_POLICY
    status = _status(page.fault) if page.fault else HTTPStatus.OK
    return Response(text, status, headers=headers, media_type=form.content_type)


def _format_links(request: Request) -> dict[str, str]:
    """Return this page's address in each format; HTML's has no format: it is the permalink."""
    parameters = [(key, value) for key, value in request.query_params.items() if key != "format"]
    path = quote(request.scope["raw_path"], safe="/%!$&'()*+,;=:@~")
    return {
        name: address(path, dict(parameters), format="" if name == HTML.name else name)
        for name in FORMATS
    }


def _link_header(links: Mapping[str, str]) -> dict[str, str]:
    """Return the header `Link`; none if it would be too long: the page has the addresses, too."""
    link_header = ", ".join(
        f'<{link}>; rel="{"canonical" if name == HTML.name else "alternate"}"; '
        f'type="{FORMATS[name].media}"'
        for name, link in links.items()
    )
    return {"Link": link_header} if len(link_header) <= MAX_LINK_HEADER else {}


def _error_response(templates: Templates, error: Exception, links: Mapping[str, str]) -> Response:
    """Make a page with message and advice, no traceback; log an unexpected error to stderr."""
    if not isinstance(error, ProvstoreError):
        print(f"provstore: {type(error).__name__}: {error}", file=sys.stderr)
        error = ProvstoreError("An internal error occurred.", "Please report it.")
    status = _status(error)
    return Response(templates.error(error, status, links), status, media_type="text/html")


def _status(error: ProvstoreError) -> HTTPStatus:
    return STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)


async def _not_found_response(templates: Templates, request: Request, error: Exception) -> Response:
    """Make the page for an unknown address."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    fault = ProvstoreError("There is no such page.", "Use the search field above.")
    return Response(
        templates.error(fault, status, _format_links(request)), status, media_type="text/html"
    )


def _style_sheet() -> str:
    return files("provstore.web").joinpath("pages", "board.css").read_text(encoding="utf-8")


FILES: Mapping[str, tuple[Callable[[], str], str]] = MappingProxyType(
    {
        "/board.css": (_style_sheet, "text/css"),
        "/picture.css": (picture.style_sheet, "text/css"),
        "/picture.js": (picture.script, "text/javascript"),
    }
)
"""The files that pages load; all belong to this site."""


def _file_response(make: Callable[[], str], media: str, _request: Request) -> Response:
    return Response(make(), media_type=media, headers={"Cache-Control": "private, max-age=600"})
