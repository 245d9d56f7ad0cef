"""A small GitLab-compatible server in memory, for trying and testing without a GitLab."""

from automation.sandbox.clock import TravellingClock
from automation.sandbox.faults import Fault, RequestInfo
from automation.sandbox.refusals import RefusedError
from automation.sandbox.server import LoggedRequest, Sandbox
from automation.sandbox.world import World

__all__ = ["Fault", "LoggedRequest", "RefusedError", "RequestInfo", "Sandbox", "TravellingClock", "World"]
