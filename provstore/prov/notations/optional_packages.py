"""Imports packages that only some notations need, on first use.

In: the name of a module. Out: the module, or an error that says how to install it.
"""

from importlib import import_module
from typing import Any

from provstore.errors import ProvstoreError


def import_package(module: str) -> Any:
    """Import a module.

    Raises:
        ProvstoreError: it is not installed; says how to install it.

    """
    try:
        return import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise ProvstoreError(
            f"This notation needs the package {package!r}, which is not installed.",
            "Install it: pip install 'provstore[xml]'",
            code="PS-ERROR-PACKAGE-MISSING",
        ) from None
