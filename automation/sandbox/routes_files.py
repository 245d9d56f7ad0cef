"""Routes of the repository's files and of the issue templates that people are offered (gitlab-facts 5.1)."""

from __future__ import annotations

from automation.sandbox.call import Answer, Call
from automation.sandbox.model import REPORTER, Project
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import refuse_absent, refuse_role

_TEMPLATES = ".gitlab/issue_templates/"


def show_raw_file(call: Call, project: Project, path: str) -> Answer:
    """GET /projects/:id/repository/files/:path/raw; a private project's code is for Reporters."""
    if project.visibility == "private" and call.level(project) < REPORTER:
        raise refuse_role()
    ref = (call.text("ref") or "HEAD").removeprefix("refs/heads/")
    branch = project.default_branch if ref == "HEAD" else ref
    files = call.store.files.get(project.id, {}).get(branch or "")
    if files is None:
        raise refuse_absent("Commit")
    if path not in files:
        raise refuse_absent("File")
    return Answer(200, files[path], {"Content-Type": "text/plain; charset=utf-8"})


def list_templates(call: Call, project: Project) -> Answer:
    """GET /projects/:id/templates/issues: on Premium those of the groups above too, under the same names or others."""
    names = [*sorted(_list_own(call, project)), *sorted(_list_inherited(call, project))]
    page = cut_page(call, names)
    return Answer(200, [{"key": name, "name": name} for name in page.items], page.headers)


def show_template(call: Call, project: Project, key: str) -> Answer:
    """GET /projects/:id/templates/issues/:key: a group's template stands before the project's own of that name."""
    text = {**_list_own(call, project), **_list_inherited(call, project)}.get(key)
    if not text:
        raise refuse_absent("Template")
    return Answer(200, {"name": key, "content": text})


def _list_own(call: Call, project: Project) -> dict[str, str]:
    files = call.store.files.get(project.id, {}).get(project.default_branch or "", {})
    in_repository = {
        path.removeprefix(_TEMPLATES).removesuffix(".md"): content.decode(errors="replace")
        for path, content in files.items()
        if path.startswith(_TEMPLATES) and path.endswith(".md") and "/" not in path.removeprefix(_TEMPLATES)
    }
    return {**call.store.templates.get(project.id, {}), **in_repository}


def _list_inherited(call: Call, project: Project) -> dict[str, str]:
    groups = call.store.list_ancestors(project) if call.store.premium else []
    return {name: text for group in groups for name, text in call.store.group_templates.get(group.id, {}).items()}
