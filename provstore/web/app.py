"""The site: which address leads to which page, and what becomes of what goes wrong.

In: an open store. Out: an ASGI app. Pages are made in threads of two lanes, so that a question
that takes long holds up only its like.
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
from provstore.web.access_guard import SCRIPTED
from provstore.web.content_types import FORMATS, HTML, wanted
from provstore.web.html_rendering import Templates
from provstore.web.page import Page
from provstore.web.page_names import address
from provstore.web.page_queries import Desk

Make = Callable[[Desk, Mapping[str, str]], Page]
_QUICK, _SLOW = "quick", "slow"
THREADS = {_QUICK: 4, _SLOW: 2}
"""How many pages of each lane are made at once; the others wait for their turn."""

PAGES: Mapping[str, tuple[Make, str]] = MappingProxyType(
    {
        "/": (board_page.board, _QUICK),
        "/search": (search_page.search, _QUICK),
        "/ingest/{_name}": (ingest_pages.ingest, _QUICK),
        "/dataset": (ingest_pages.dataset, _QUICK),
        "/bundle": (resource_pages.bundle, _QUICK),
        "/thing": (resource_pages.thing, _SLOW),
        "/question/": (question_pages.cards, _QUICK),
        "/question/{_name}": (question_pages.card, _SLOW),
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


def site(store: ProvStore) -> Starlette:
    """All pages of a store; what comes in is not looked at here (see `guard`)."""
    desk = Desk(store)
    shown = Templates(desk)
    lanes = {lane: CapacityLimiter(most) for lane, most in THREADS.items()}

    def route(path: str, make: Make, lane: str) -> Route:
        async def endpoint(request: Request) -> Response:
            work = partial(_reply, request, desk, shown, make)
            return await to_thread.run_sync(work, limiter=lanes[lane])

        return Route(path, endpoint, methods=["GET"])

    routes = [route(path, *row) for path, row in PAGES.items()]
    routes += [Route(path, partial(_file, *row), methods=["GET"]) for path, row in FILES.items()]
    lost = partial(_lost, shown)
    return Starlette(routes=routes, exception_handlers={HTTPException: lost})


def _reply(request: Request, desk: Desk, shown: Templates, make: Make) -> Response:
    """A page in the format that is wanted, or in words what went wrong."""
    said = {**request.query_params, **request.path_params}
    links = _links(request)
    try:
        form = wanted(said.pop("format", ""), request.headers.get("accept", ""))
        page = make(desk, said)
        text = form.make(page) if form.make else shown.page(page, links)
    except Exception as error:
        return _wrong(shown, error, links)
    headers = {"Vary": "Accept", "Link": _header(links)}
    if page.scripted and form is HTML:
        headers["Content-Security-Policy"] = SCRIPTED
    status = _status(page.fault) if page.fault else HTTPStatus.OK
    return Response(text, status, headers=headers, media_type=form.content_type)


def _links(request: Request) -> dict[str, str]:
    """The address of this page in each format; that of HTML names none: it is the permalink."""
    said = [(key, value) for key, value in request.query_params.items() if key != "format"]
    path = quote(request.scope["raw_path"], safe="/%!$&'()*+,;=:@~")
    return {
        name: address(path, dict(said), format="" if name == HTML.name else name)
        for name in FORMATS
    }


def _header(links: Mapping[str, str]) -> str:
    return ", ".join(
        f'<{link}>; rel="{"canonical" if name == HTML.name else "alternate"}"; '
        f'type="{FORMATS[name].media}"'
        for name, link in links.items()
    )


def _wrong(shown: Templates, error: Exception, links: Mapping[str, str]) -> Response:
    """Words and advice instead of a traceback; what should not happen is told to the terminal."""
    if not isinstance(error, ProvstoreError):
        print(f"provstore: {type(error).__name__}: {error}", file=sys.stderr)
        error = ProvstoreError("This should not happen.", "Please report it.")
    status = _status(error)
    return Response(shown.error(error, status, links), status, media_type="text/html")


def _status(error: ProvstoreError) -> HTTPStatus:
    return STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)


async def _lost(shown: Templates, request: Request, error: Exception) -> Response:
    """There is no such address."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    said = ProvstoreError("There is no such page.", "Search for what you look for.")
    return Response(shown.error(said, status, _links(request)), status, media_type="text/html")


def _own_style() -> str:
    return files("provstore.web").joinpath("pages", "board.css").read_text(encoding="utf-8")


FILES: Mapping[str, tuple[Callable[[], str], str]] = MappingProxyType(
    {
        "/board.css": (_own_style, "text/css"),
        "/picture.css": (picture.style_sheet, "text/css"),
        "/picture.js": (picture.script, "text/javascript"),
    }
)
"""What pages load: all of it is ours."""


def _file(make: Callable[[], str], media: str, _request: Request) -> Response:
    return Response(make(), media_type=media, headers={"Cache-Control": "private, max-age=600"})
