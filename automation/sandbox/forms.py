"""Forms with files as browsers and clients send them: multipart/form-data taken apart, byte for byte."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^;\s]+))', re.IGNORECASE)
_NAME = re.compile(r'[;\s]name="([^"]*)"', re.IGNORECASE)
_FILENAME = re.compile(r'[;\s]filename="([^"]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a form, under the name that the sender gave it."""

    name: str
    content: bytes


def parse_form(content_type: str, body: bytes) -> dict[str, object]:
    """Return the fields of a form by name: texts, and files as `SentFile`; what is no form has none.

    Python's own reader of mails will not do: it takes a mail that was sent as a file for a part of the form.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        return {}
    fields: dict[str, object] = {}
    # What stands before the first boundary and after the last is none of the form.
    for part in (b"\r\n" + body).split(b"\r\n--" + (found[1] or found[2]).encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        about = head.decode(errors="replace")
        name, filename = _NAME.search(about), _FILENAME.search(about)
        if name:
            fields[name[1]] = SentFile(filename[1], content) if filename else content.decode(errors="replace")
    return fields
