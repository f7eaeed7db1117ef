"""The names of ingests as series: `cordex-0001`, `cordex-0002`, …, and `cordex-g2-0001`, ….

In: the name of a form, and the generation of names that a store is in. Out: names. A store begins
generation 2 when it is restored, so that no name is ever given to a second delivery.
"""

from collections.abc import Iterable

from provstore.projects.forms import GENERATION


def series_name(form: str, generation: int = 1) -> str:
    """Return the series of a form's ingests.

    >>> series_name("cordex"), series_name("cordex", 2)
    ('cordex', 'cordex-g2')
    """
    return form if generation == 1 else f"{form}-g{generation}"


def ingest_name(series: str, number: int) -> str:
    """Return the name of one ingest.

    >>> ingest_name("cordex-g2", 7)
    'cordex-g2-0007'
    """
    return f"{series}-{number:04}"


def project_of_ingest(ingest: str) -> str:
    """Return the form that an ingest began with, in every generation of names.

    >>> project_of_ingest("cordex-cmip6-0001"), project_of_ingest("cordex-g2-0001")
    ('cordex-cmip6', 'cordex')
    """
    return GENERATION.sub("", ingest.rpartition("-")[0])


def highest_numbers(ingests: Iterable[str]) -> dict[str, int]:
    """Return the highest number of each series among these ingests.

    >>> highest_numbers(["cordex-0001", "cordex-0003", "cordex-g2-0001"])
    {'cordex': 3, 'cordex-g2': 1}
    """
    numbers: dict[str, int] = {}
    for ingest in ingests:
        series, _, digits = ingest.rpartition("-")
        if series and digits.isascii() and digits.isdecimal():
            numbers[series] = max(numbers.get(series, 0), int(digits))
    return numbers
