"""Ed25519 keys and signatures (RFC 8032), by the package `cryptography`.

In: key files in PEM, and bytes. Out: signatures and public keys as base64 texts. The package is
imported when a signature is made or checked, and not earlier.
"""

import base64
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from provstore.errors import Refused
from provstore.storage.atomic_files import PRIVATE, flush_directory

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ed25519

MISSING_PACKAGE = "Signatures need the package cryptography."
LENGTH = 32
"""Bytes of a public key."""

ADVICE = 'Install it: pip install "provstore[signing]"'


class Signer(NamedTuple):
    """A private key that was read, and its public key in base64."""

    private: "ed25519.Ed25519PrivateKey"
    public_key: str

    def sign(self, data: bytes) -> str:
        """Return the signature of some bytes, in base64."""
        return base64.b64encode(self.private.sign(data)).decode()


def read_signer(path: Path) -> Signer:
    """Read a private key from a PEM file.

    Raises:
        Refused: it cannot be read, is not an Ed25519 key, or the package is not installed.

    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ed25519
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise Refused(MISSING_PACKAGE, ADVICE, code="PS-REFUSED-SIGNING-PACKAGE") from None
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise Refused(
            f"The key {path} cannot be read: {error.strerror or error}.",
            code="PS-REFUSED-KEY-UNREADABLE",
        ) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Refused(
            f"{path} is not an unencrypted private key in PEM.", code="PS-REFUSED-NO-KEY"
        ) from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise Refused(
            f"{path} is not an Ed25519 key.",
            "Make one: provstore checkpoint --new-key.",
            code="PS-REFUSED-NO-KEY",
        )
    return Signer(key, _public_text(key))


def read_public_key(path: Path) -> str:
    """Read a public key from a file, in base64 or PEM; return it in base64.

    Raises:
        Refused: it cannot be read, or is not an Ed25519 public key; or it is in PEM, and the
            package is not installed.

    """
    try:
        data = path.read_bytes().strip()
    except OSError as error:
        raise Refused(
            f"The key {path} cannot be read: {error.strerror or error}.",
            code="PS-REFUSED-KEY-UNREADABLE",
        ) from error
    if data.startswith(b"-----BEGIN"):
        return _public_of_pem(path, data)
    try:
        if len(base64.b64decode(data, validate=True)) == LENGTH:
            return data.decode()
    except ValueError:
        pass
    raise Refused(
        f"{path} has no Ed25519 public key.",
        "Give a file with the text that provstore checkpoint --new-key shows as public_key.",
        code="PS-REFUSED-NO-KEY",
    )


def _public_of_pem(path: Path, data: bytes) -> str:
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ed25519
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    except ImportError:
        raise Refused(MISSING_PACKAGE, ADVICE, code="PS-REFUSED-SIGNING-PACKAGE") from None
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refused(f"{path} is not a public key in PEM.", code="PS-REFUSED-NO-KEY") from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise Refused(f"{path} is not an Ed25519 key.", code="PS-REFUSED-NO-KEY")
    return base64.b64encode(key.public_bytes_raw()).decode()


def new_key(path: Path) -> str:
    """Write a new private key to a file that only its owner can read; return its public key.

    Raises:
        Refused: the file exists or cannot be written, or the package is not installed.

    """
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise Refused(MISSING_PACKAGE, ADVICE, code="PS-REFUSED-SIGNING-PACKAGE") from None
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        flush_directory(path.parent)
    except FileExistsError:
        raise Refused(
            f"{path} exists already. Nothing was changed.", code="PS-REFUSED-KEY-UNWRITABLE"
        ) from None
    except OSError as error:
        raise Refused(
            f"{path} cannot be written: {error.strerror or error}.",
            code="PS-REFUSED-KEY-UNWRITABLE",
        ) from error
    return _public_text(key)


def key_id(public_key: str) -> str:
    """Return the short name of a public key: the first 16 digits of its SHA-256."""
    return hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:16]


def is_signature(signature: str, data: bytes, public_key: str) -> bool:
    """Return whether the owner of a public key signed these bytes.

    Raises:
        Refused: the package is not installed.

    """
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise Refused(MISSING_PACKAGE, ADVICE, code="PS-REFUSED-SIGNING-PACKAGE") from None
    try:
        key = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        key.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _public_text(key: "ed25519.Ed25519PrivateKey") -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()
