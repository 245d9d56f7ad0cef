"""Files of a project: the names that they are kept under, and how Markdown shows them."""

from __future__ import annotations

import re
import secrets
from pathlib import PurePosixPath
from urllib.parse import quote

from automation.sandbox.model import Project, Upload, User
from automation.sandbox.refusals import refuse_size
from automation.sandbox.store import Store

# GitLab shows films and sounds too; here they are files like any other.
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tiff", ".ico", ".webp")
_ODD = re.compile(r"[^\w.+-]")


def create_upload(store: Store, project: Project, user: User, name: str, content: bytes) -> Upload:
    """Keep a file; the same one sent again becomes another, with a secret of its own.

    Raises:
        RefusedError: 413 for one that is larger than the server's limit.
    """
    if len(content) > store.max_upload_bytes:
        raise refuse_size()
    number, secret, now = store.next_id("upload"), secrets.token_hex(16), store.read_now()
    upload = Upload(number, project.id, user.id, secret, clean_name(name), content, now)
    store.uploads[upload.id] = upload
    return upload


def clean_name(name: str) -> str:
    """Return the name that a file is kept under: its folders are dropped, odd characters become underscores."""
    name = _ODD.sub("_", PurePosixPath(name.replace("\\", "/")).name)
    return f"_{name}" if name and not name.strip(".") else name or "unnamed"


def is_picture(name: str) -> bool:
    """Say whether a page shows the file itself; any other is saved by whoever follows a link to it."""
    return name.lower().endswith(_PICTURES)


def read_alt(name: str) -> str:
    """Return the words that stand for a file."""
    return PurePosixPath(name).stem if is_picture(name) else name


def write_disposition(name: str) -> str:
    """Write the header that tells a browser to show a file, or to save it under its name."""
    ascii_name = name.encode("ascii", "replace").decode()
    return (
        f"{'inline' if is_picture(name) else 'attachment'}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}"
    )


def write_markdown_link(name: str, address: str) -> str:
    """Write the Markdown that shows or links a file."""
    return f"{'!' if is_picture(name) else ''}[{read_alt(name)}]({address})"
