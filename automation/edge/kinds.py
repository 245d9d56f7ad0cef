"""What a request is for, read from its path: the names under which requests are counted."""

from __future__ import annotations

import re

# The first that fits counts: the variables of a schedule stand before those of a project.
_KINDS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"/notes(?:/[0-9]+)?$", "notes"),
        (r"/resource_label_events$", "label events"),
        (r"/resource_state_events$", "state events"),
        (r"/members(?:/all)?$", "members"),
        (r"/templates/issues(?:/[^/]+)?$", "templates"),
        (r"/issues$", "issues"),
        (r"/issues/[0-9]+$", "issue"),
        (r"/uploads$", "uploads"),
        (r"/users/[0-9]+$", "user"),
        (r"/repository/files/[^/]+/raw$", "file"),
        (r"/labels(?:/[^/]+)?$", "labels"),
        (r"/boards/[0-9]+/lists(?:/[0-9]+)?$", "board lists"),
        (r"/boards(?:/[0-9]+)?$", "boards"),
        (r"/pipeline_schedules/[0-9]+/variables(?:/[^/]+)?$", "schedule variables"),
        (r"/pipeline_schedules(?:/[0-9]+)?$", "schedules"),
        (r"/pipelines/[0-9]+/jobs$", "jobs"),
        (r"/pipelines$", "pipelines"),
        (r"/triggers(?:/[0-9]+)?$", "triggers"),
        (r"/hooks(?:/[0-9]+(?:/test/[^/]+)?)?$", "hooks"),
        (r"/variables(?:/[^/]+)?$", "variables"),
        (r"/protected_branches$", "protected branches"),
        (r"/access_tokens(?:/[0-9]+(?:/rotate)?)?$", "access tokens"),
        (r"/personal_access_tokens/self$", "own token"),
        (r"/(?:metadata|version)$", "server"),
        (r"/groups/[^/]+/projects$", "projects"),
        (r"/projects/[^/]+$", "project"),
        (r"/groups/[^/]+$", "group"),
    )
)


def read_kind(path: str) -> str:
    """Return what *path* is about, "other" for what has no name here. The path may begin with a server's address."""
    return next((kind for pattern, kind in _KINDS if pattern.search(path)), "other")
