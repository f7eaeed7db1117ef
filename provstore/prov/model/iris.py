"""IRIs and their short forms: `http://www.w3.org/ns/prov#type` ⇄ `prov:type`, `prov__type`.

In: IRIs, qualified names, prefixes. Out: the other spelling. Pure; knows no document.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from os.path import commonprefix

from provstore.prov.model.terms import NAMESPACES

RESERVED = {prefix: NAMESPACES[prefix] for prefix in ("prov", "xsd")}
"""Prefixes with a fixed meaning in every PROV-JSON document; they need no declaration (2.2)."""

_CHARACTERS = r"[A-Za-z0-9._~!$&'()*+,;=:@/?-]*+"
_CHARACTER = rf"{_CHARACTERS}(?:%[0-9A-Fa-f]{{2}}{_CHARACTERS})*+"
_PLAIN = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?:(?!//)|//[A-Za-z0-9._~-]*(?::[0-9]*)?(?![^/?#]))"
    + _CHARACTER
    + rf"(?:#{_CHARACTER})?"
)
_AUTHORITY = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^/?#]*@)?([^/?#]*?)(:[0-9]*)?(?![^/?#])")
_PIECE = re.compile(r"%[0-9A-Fa-f]{2}|[\s\S]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_ILLEGAL_KEY = re.compile(r"[^A-Za-z0-9_]|^_|_(?=[^A-Za-z0-9]|u[0-9a-f]{6})|(?<=_)_")
_ESCAPED_KEY = re.compile(r"_u([0-9a-f]{6})")
_PREFIX_OF = {namespace: prefix for prefix, namespace in NAMESPACES.items()}


def means_reserved(prefix: str, namespace: str) -> bool:
    """Whether a reserved prefix is bound to its namespace, with http: or https:."""
    return namespace.replace("https:", "http:", 1) == RESERVED.get(prefix)


def is_absolute(iri: str) -> bool:
    """Whether the text starts with a scheme, as every name must (RFC 3987, 2.2)."""
    return _SCHEME.match(iri) is not None


def encode_iri(iri: str) -> str:
    """Percent-encode every character that RFC 3987 does not allow.

    A legal IRI is returned unchanged, so encoding twice changes nothing.
    """
    if _PLAIN.fullmatch(iri):
        return iri
    match = _AUTHORITY.match(iri)
    rest = iri[match.end() :] if match else iri
    path, hash_sign, fragment = rest.partition("#")
    return (
        (_authority(*match.groups("")) if match else "")
        + _encode(path)
        + hash_sign
        + _encode(fragment)
    )


def _authority(scheme: str, user: str, host: str, port: str) -> str:
    """Encode `//user@host:port`, which must have no other `@` or `:` (RFC 3987, 2.2)."""
    name = _encode(host).replace(":", "%3A")
    return scheme + (_encode(user[:-1]).replace("@", "%40") + "@" if user else "") + name + port


def _encode(text: str) -> str:
    return "".join([_legal(piece) for piece in _PIECE.findall(text)])


def _legal(piece: str) -> str:
    if len(piece) == 3:
        return piece
    code = ord(piece)
    if code < 0x80:
        legal = piece.isalnum() or piece in "._~!$&'()*+,;=:@/?-"
    else:  # ucschar of RFC 3987: no controls, surrogates, private use or non-characters
        legal = (
            0xA0 <= code <= 0xD7FF
            or 0xF900 <= code <= 0xFDCF
            or 0xFDF0 <= code <= 0xFFEF
            or (code & 0xFFFF < 0xFFFE and (0x10000 <= code < 0xE0000 or 0xE1000 <= code < 0xF0000))
        )
    if legal:
        return piece
    return "".join(f"%{byte:02X}" for byte in piece.encode("utf-8", "surrogatepass"))


def split_iri(iri: str) -> tuple[str, str]:
    """Split into namespace and local name: after the last `#` or `/`, else after the last `:`."""
    cut = max(iri.rfind("#"), iri.rfind("/"))
    if cut < 0 or cut == len(iri) - 1:
        cut = iri.rfind(":", 0, len(iri) - 1) if cut < 0 else iri.rfind("/", 0, cut)
    return iri[: cut + 1], iri[cut + 1 :]


def property_key(iri: str) -> str:
    """Return `prefix__local`: a property key or label that Cypher allows without back-ticks.

    A namespace in `NAMESPACES` has its prefix from there. For any other, the prefix is a word from
    the namespace and a hash of it, so that two namespaces never share a key. Characters other than
    letters, digits and single underscores are written as `_u` and six hex digits.
    """
    namespace, local = split_iri(iri)
    return f"{_key_prefix(namespace)}__{_ILLEGAL_KEY.sub(_escape, local)}"


def local_name_of_key(text: str) -> str:
    """Return the local name from a `property_key`."""
    return _ESCAPED_KEY.sub(lambda match: chr(int(match[1], 16)), text.partition("__")[2])


def _escape(match: re.Match[str]) -> str:
    return f"_u{ord(match[0]):06x}"


def _key_prefix(namespace: str) -> str:
    known = _PREFIX_OF.get(namespace)
    if known:
        return known
    words = _WORD.findall(namespace.removeprefix("http://").removeprefix("https://"))
    digest = hashlib.sha256(namespace.encode()).hexdigest()[:8]
    return f"{words[-1][:24].lower() if words else 'ns'}_{digest}"


def has_known_namespace(iri: str) -> bool:
    """Whether the IRI is in a namespace that has a prefix in every store."""
    return split_iri(iri)[0] in _PREFIX_OF


class Prefixes:
    """Shortens IRIs with the prefixes of one bundle, then with ours; `used` collects them."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = {**NAMESPACES, **prefixes}
        self._by_length = sorted(
            ((namespace, prefix) for prefix, namespace in self.prefixes.items() if namespace),
            key=lambda pair: (-len(pair[0]), pair[0], pair[1] in NAMESPACES, pair[1]),
        )
        self._short: dict[str, str] = {}
        self._fitting: dict[str, list[tuple[str, str]]] = {}
        self._of_hosts: dict[str, list[tuple[str, str]]] = {}
        self.used: set[str] = set()

    def short(self, iri: str) -> str:
        """Return the qualified name, or the IRI itself if no prefix fits."""
        name = self._short.get(iri)
        if name is None:
            name = self._short[iri] = self._find(iri)
        return name

    def all_short(self, iris: Sequence[str]) -> list[str]:
        """Shorten many IRIs at once; fast if one namespace contains them all."""
        same = commonprefix((min(iris), max(iris)))  # noqa: RUF071 - by characters is meant
        near = (pair for pair in self._by_length if pair[0].startswith(same[: len(pair[0])]))
        namespace, prefix = next(near, ("", "default"))
        if prefix == "default" or len(same) <= len(namespace):
            return list(map(self.short, iris))
        self.used.add(prefix)
        return [f"{prefix}:{iri[len(namespace) :]}" for iri in iris]

    def _find(self, iri: str) -> str:
        begin = iri[: iri.rfind("/") + 1]
        fitting = self._fitting.get(begin)
        if fitting is None:
            host = iri[: iri.find("/", len("https://")) + 1]
            if host not in self._of_hosts:
                self._of_hosts[host] = _near(self._by_length, host)
            fitting = self._fitting[begin] = _near(self._of_hosts[host], begin)
        for namespace, prefix in fitting:
            if iri.startswith(namespace) and len(iri) > len(namespace):
                local = iri[len(namespace) :]
                if prefix != "default":
                    self.used.add(prefix)
                    return f"{prefix}:{local}"
                if ":" not in local:
                    self.used.add(prefix)
                    return local
        return iri


def _near(pairs: Iterable[tuple[str, str]], begin: str) -> list[tuple[str, str]]:
    """Return the pairs whose namespace can be that of an IRI that begins in this way."""
    return [pair for pair in pairs if pair[0].startswith(begin) or begin.startswith(pair[0])]
