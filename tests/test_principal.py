"""The principal is the account of the process, and a reference in the chain."""

import os
from pathlib import Path

import pytest

from provstore.storage import principal
from tests.people import ADA, DI, delivery, entry_at, in_chain, store_in


def test_it_is_the_account_and_not_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = principal.principal()
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert principal.principal() == before


def test_an_account_without_a_name_is_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 2_000_000_123)
    assert principal.principal() == "os:2000000123"


def test_each_entry_tells_who_wrote_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with store_in(tmp_path) as store:
        delivery(store, ADA)
        monkeypatch.setattr("provstore.storage.journal.current_principal", lambda: "os:proxy-ada")
        delivery(store, ADA, title="Other data")
        assert entry_at(store, 1).principal == principal.principal()
        assert entry_at(store, 2).principal == "os:proxy-ada"
        assert not [*in_chain(store, ["os:proxy-ada", "proxy-ada"])]
        receipt = store.redact("os:proxy-ada", by=DI, reason="The account is gone.")
        assert (receipt.values, receipt.people) == (1, ())
        assert entry_at(store, 2).principal == "redacted"
        assert entry_at(store, 1).principal == principal.principal()
        assert not store.verify().problems
