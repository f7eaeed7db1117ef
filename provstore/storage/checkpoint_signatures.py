"""Checks the signatures under checkpoints.

In: checkpoints and a public key. Out: those with a right signature, those with a wrong one, and
what could not be checked. It knows no journal and no file.
"""

from collections.abc import Iterable
from typing import NamedTuple

from provstore.errors import Refused
from provstore.storage.checkpoint_files import Checkpoint
from provstore.storage.settings import CheckpointSettings
from provstore.storage.signing import is_signature, key_id, read_signer


class Signatures(NamedTuple):
    """Checkpoints with a right and with a wrong signature of the key with the id `key`; notes."""

    right: frozenset[Checkpoint] = frozenset()
    wrong: frozenset[Checkpoint] = frozenset()
    key: str = ""
    notes: tuple[str, ...] = ()


def check_signatures(
    checkpoints: Iterable[Checkpoint], settings: CheckpointSettings, public_key: str = ""
) -> Signatures:
    """Check signatures with a public key, else with that of the settings."""
    known = [*checkpoints]
    signed = [checkpoint for checkpoint in known if checkpoint.signature]
    if not signed:
        return Signatures(notes=("The checkpoints are not signed.",) if known else ())
    try:
        public_key = public_key or _key_of(settings)
        if not public_key:
            note = "The signatures were not checked: no public_key is in provstore.toml."
            return Signatures(notes=(note,))
        key = key_id(public_key)
        own = [checkpoint for checkpoint in signed if checkpoint.key == key]
        right = frozenset(each for each in own if _is_right(each, public_key))
    except Refused as error:
        return Signatures(notes=(f"The signatures were not checked: {error.message}",))
    others = len(signed) - len(own)
    notes = (f"{others} checkpoints are signed by another key than {key}.",) if others else ()
    return Signatures(right, frozenset(own) - right, key, notes)


def _is_right(checkpoint: Checkpoint, public_key: str) -> bool:
    return is_signature(checkpoint.signature, checkpoint.signed_bytes(), public_key)


def _key_of(settings: CheckpointSettings) -> str:
    """Return the public key of the settings, or that of their private key; "" without any."""
    if settings.public_key or not settings.key:
        return settings.public_key
    return read_signer(settings.key).public_key
