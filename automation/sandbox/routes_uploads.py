"""Routes of a project's files (GitLab: lib/api/markdown_uploads.rb)."""

from __future__ import annotations

from automation.sandbox import rights
from automation.sandbox.call import Answer, Call
from automation.sandbox.paging import cut_page
from automation.sandbox.refusals import refuse_role
from automation.sandbox.uploads import create_upload


def post_upload(call: Call, project_id: str) -> Answer:
    """POST /projects/:id/uploads: whoever is signed in and may read the project may put a file there."""
    user = call.require_user()
    project = call.find_project(project_id)
    sent = call.file("file")
    return Answer(201, call.renderer.upload(create_upload(call.store, project, user, sent.name, sent.content)))


def list_uploads(call: Call, project_id: str) -> Answer:
    """GET /projects/:id/uploads: newest first, for Maintainers only."""
    project = call.find_project(project_id)
    if not rights.may_list_uploads(call.level(project)):
        raise refuse_role()
    page = cut_page(call, call.store.list_uploads(project)[::-1])
    return Answer(200, [call.renderer.listed_upload(each) for each in page.items], page.headers)
