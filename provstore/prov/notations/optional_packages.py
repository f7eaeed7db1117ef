"""Packages that only some notations need: imported when needed, named when they are missing.

In: the name of a module. Out: the module. Knows nothing of what is done with it.
"""

from importlib import import_module
from typing import Any

from provstore.errors import ProvstoreError


def import_package(module: str) -> Any:
    """The module.

    Raises:
        ProvstoreError: it is not installed; says how to get it.

    """
    try:
        return import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise ProvstoreError(
            f"This notation needs the package {package!r}, which is not installed.",
            "pip install 'provstore[xml]'",
        ) from None
