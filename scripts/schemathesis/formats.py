"""Values of the formats that the document defines, which Schemathesis cannot know."""

from zoneinfo import available_timezones

import schemathesis
from hypothesis import strategies

# Other names belong to the operating system, or are rules of POSIX.
AREAS = ("Africa/", "Asia/", "Europe/")
ZONES = sorted(name for name in available_timezones() if name.startswith(AREAS))

schemathesis.openapi.format("time-zone", strategies.sampled_from(ZONES))
# A new installation has the default plans and one blueprint.
schemathesis.openapi.format("plan", strategies.sampled_from(["lite", "pro", "enterprise"]))
schemathesis.openapi.format("blueprint", strategies.just("standard"))
