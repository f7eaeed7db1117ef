"""Protects the spelling of times and values, which the `prov` library would change.

In: a text in one notation. Out: the text with placeholder times and datatypes; and the output of
`prov` with the original ones. Knows no statements.
"""

import re
from html import unescape
from typing import Any

_TIME = re.compile(
    r"(?<![0-9])-?(?:[1-9]\d{3,}|0\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"T(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
    r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?(?![0-9])",
    re.ASCII,
)
_CHANGED = "(?:anyURI|boolean|dateTime|decimal|double|int|integer|long)"
_TYPED = {
    "provn": re.compile(rf"%%\s*(?:[\w.-]+:)?{_CHANGED}(?![\w./-])"),
    "provxml": re.compile(rf"type\s*=\s*[\"']\s*(?:[\w.-]+:)?{_CHANGED}(?=\s*[\"'])"),
    "provjson": re.compile(rf'"type":"[^":]*:?{_CHANGED}(?=")'),
    "provjsonld": re.compile(rf'"@type"\s*:\s*"(?:[^":]*:|[^"]*#)?{_CHANGED}(?=")'),
}
"""The patterns, by notation, of datatypes whose values `prov` rewrites as Python values."""


class SpellingGuard:
    """A text whose times and datatypes are replaced by placeholders that do not occur in it.

    Replacements inside of names and strings do no harm: `restore` undoes all of them. `blank` is a
    prefix for blank names, which `prov` would not keep as names.
    """

    def __init__(self, text: str, notation: str) -> None:
        known = text + unescape(text)  # in XML, any letter may be a character reference
        self.suffix = next(
            suffix for n in range(len(known) + 1) if (suffix := f"_as{n}") not in known
        )
        self.blank = next(
            candidate for n in range(len(known) + 1) if (candidate := f"blank{n}") not in known
        )
        year = (f"{year}-" for year in range(9999, 999, -1))
        self.year = next((candidate for candidate in year if candidate not in known), "")
        self.times: list[str] = []
        self.index: dict[str, str] = {}
        guarded = _TYPED[notation].sub(lambda match: match[0] + self.suffix, text)
        self.text = _TIME.sub(self._hide, guarded) if self.year else guarded

    def _hide(self, match: re.Match[str]) -> str:
        """Replace the n-th time by second n of a year that does not occur in the text."""
        time = match[0]
        if time not in self.index:
            minutes, second = divmod(len(self.times), 60)
            hours, minute = divmod(minutes, 60)
            days, hour = divmod(hours, 24)
            month, day = divmod(days, 28)
            date = f"{self.year}{month + 1:02}-{day + 1:02}"
            self.index[time] = f"{date}T{hour:02}:{minute:02}:{second:02}"
            self.times.append(time)
        return self.index[time]

    def restore(self, text: str) -> str:
        """Return output of `prov` with the original times, datatypes and blank names."""
        back = {hidden: time for time, hidden in self.index.items()}
        if back:
            pattern = rf"{self.year}\d\d-\d\dT\d\d:\d\d:\d\d"
            text = re.sub(pattern, lambda match: back.get(match[0], match[0]), text)
        return text.replace(self.suffix, "").replace(f"{self.blank}:", "_:")

    def hide_blank_names(self, part: Any) -> Any:
        """Give a prefix to the blank names in a part of a JSON document."""
        if isinstance(part, str):
            return f"{self.blank}:{part[2:]}" if part.startswith("_:") else part
        if isinstance(part, list):
            return [self.hide_blank_names(item) for item in part]
        if isinstance(part, dict):
            hide = self.hide_blank_names
            return {hide(key): hide(value) for key, value in part.items()}
        return part

    @property
    def namespace(self) -> str:
        """The namespace of the prefix `blank` while `prov` works on the text."""
        return f"urn:{self.blank}:"

    def restore_provjson(self, text: str) -> str:
        """Restore PROV-JSON that `prov` wrote, and make the keys that it invented distinct."""
        declared = f'"{self.blank}": "{self.namespace}"'
        if declared not in text:
            return self.restore(text)
        text = re.sub(f", {declared}|{declared}(?:, )?", "", text)
        return self.restore(text.replace('"_:', f'"_:{self.blank}.'))
