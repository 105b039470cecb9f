"""The view Requests: ask somebody for text or files by a link, and take the answers."""

from satchel.window.calls import Call
from satchel.window.core import command
from satchel.window.documents import shown
from satchel.window.messages.base import Nothing
from satchel.window.messages.jobs import Job, JobResult
from satchel.window.messages.requesting import (
    ByRequest,
    RequestLink,
    RequestMade,
    RequestRevoked,
    Requests,
    RequestToMake,
    Taken,
    TakeRequest,
)
from satchel.window.paths import own_path


def requests(call: Call, _request: Nothing) -> Requests:
    """Return all requests, newest first."""
    return shown(call.core.run("requests"), Requests)


def make_request(call: Call, request: RequestToMake) -> RequestMade:
    """Make a link for answers."""
    options = {"expires": request.expires, "answers": request.answers, "size": request.size}
    return shown(call.core.run(*command("request", options=options, values=[request.text])), RequestMade)


def request_link(call: Call, request: ByRequest) -> RequestLink:
    """Return a link again."""
    return shown(call.core.run(*command("requests", "link", values=[request.id])), RequestLink)


def take_answers(call: Call, request: TakeRequest) -> Job:
    """Begin to take the answers of a request."""
    return call.start_command(
        lambda document: JobResult(taken=shown(document, Taken)),
        *command("requests", "take", options={"into": own_path(request.into)}, values=[request.id]),
    )


def revoke_request(call: Call, request: ByRequest) -> RequestRevoked:
    """Revoke a link at once, and delete the answers that no device has taken."""
    return shown(call.core.run(*command("requests", "revoke", values=[request.id])), RequestRevoked)
