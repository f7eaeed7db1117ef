"""The commands about personal data: redact and amend."""

from pathlib import Path
from typing import Annotated

import typer

import provstore
from provstore.cli.console import print_receipt
from provstore.cli.options import AGENT_FILE, AsJson, Directory, app

By = Annotated[Path, typer.Option("--by", help=AGENT_FILE)]


@app.command()
def redact(
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why, without naming the person.")],
    people: Annotated[
        list[str] | None,
        typer.Argument(metavar="PERSON", help="IRI, ORCID, address or name; or os:ACCOUNT."),
    ] = None,
    answers: Annotated[
        list[str] | None,
        typer.Option("--answer", metavar="NAME", help="INGEST/STEP/RUN/FIELD; repeatable."),
    ] = None,
    attachments: Annotated[
        list[str] | None,
        typer.Option("--attachment", metavar="SHA256", help="An attachment; repeatable."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; else only show it.")] = False,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Remove the personal data of somebody, for ever.

    Names, addresses and texts are replaced in the journal, and go from views,
    search, messages and drafts. All hashes still fit; who did it and why is
    recorded. Without --yes, nothing is changed.
    """
    with provstore.open(directory) as store:
        receipt = store.redact(
            *(people or ()),
            reason=reason,
            by=by,
            answers=answers or (),
            attachments=attachments or (),
            dry_run=not yes,
        )
    print_receipt(receipt, as_json)


@app.command()
def amend(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="IRI, ORCID, address or name.")],
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="How this became known.")],
    name: Annotated[str | None, typer.Option("--name", help="The new name.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="The new address.")] = None,
    orcid: Annotated[str | None, typer.Option("--orcid", help="The ORCID.")] = None,
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="The new organisation.")
    ] = None,
    same_as: Annotated[
        list[str] | None,
        typer.Option("--same-as", metavar="PERSON", help="The same person; repeatable."),
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Record a new name, address, ORCID or institute of a person.

    With --same-as, two people become one. All answers use the new name from
    then on; runs that were done for another institute stay so.
    """
    office = {"name": organisation} if organisation else None
    with provstore.open(directory) as store:
        receipt = store.amend(
            person, reason=reason, by=by, name=name, email=email, orcid=orcid,
            organisation=office, same_as=same_as,
        )  # fmt: skip
    print_receipt(receipt, as_json)
