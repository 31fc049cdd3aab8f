"""What Schemathesis cannot read from the document: values of its formats, and how clients use two headers."""

import os
import re
from uuid import uuid4
from zoneinfo import available_timezones

import requests
import schemathesis
from hypothesis import strategies
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation

# Other names belong to the operating system, or are rules of POSIX.
AREAS = ("Africa/", "Asia/", "Europe/")
ZONES = sorted(name for name in available_timezones() if name.startswith(AREAS))

schemathesis.openapi.format("time-zone", strategies.sampled_from(ZONES))
# A new installation has the default plans and one blueprint.
schemathesis.openapi.format("plan", strategies.sampled_from(["lite", "pro", "enterprise"]))
schemathesis.openapi.format("blueprint", strategies.just("standard"))
# The tenant begins with one segment.
schemathesis.openapi.format("segment", strategies.just("general"))
# Prices in the currency of the tenant, which has two decimals.
schemathesis.openapi.format("price", strategies.integers(0, 99_999).map(lambda cents: f"{cents // 100}.{cents % 100:02}"))
schemathesis.openapi.format("domain-name", strategies.from_regex(r"[a-z]{3,10}\.example", fullmatch=True))
# A client cannot know a cursor in advance. An empty one stands for the first page.
schemathesis.openapi.format("cursor", strategies.just(""))

# White text has a contrast of at least 4.5:1 with #767676, and more with darker colours.
CHANNEL = strategies.integers(0x00, 0x76)
COLOR = strategies.tuples(CHANNEL, CHANNEL, CHANNEL).map(lambda channels: "#" + bytes(channels).hex())

schemathesis.openapi.format("background-color", COLOR)


KEY = "Idempotency-Key"
UUID = re.compile('("?)[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\1')
TAG = '(?:W/)?"[!#-~]*"'
DELETION = "DELETE /api/v1/admin/tenants/{tenant}"
# Where the slug that confirms a deletion may be.
CONFIRMATION = (ParameterLocation.BODY, ParameterLocation.QUERY)
TAGS = re.compile(rf"\*|{TAG}(?: *, *{TAG})*")


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Replaces valid values that would refuse the request, or end the run."""
    # Otherwise requests with different bodies would have the key of the example.
    if case.headers and UUID.fullmatch(str(case.headers.get(KEY, ""))):
        case.headers[KEY] = str(uuid4())
    # No resource has a generated version.
    if case.headers and TAGS.fullmatch(str(case.headers.get("If-Match", ""))):
        if "{slug}" in case.operation.path:
            del case.headers["If-Match"]
        else:
            case.headers["If-Match"] = "*"
    if "tenant" in (case.path_parameters or {}) and not is_negative(case, ParameterLocation.PATH):
        case.path_parameters["tenant"] = os.environ["TENANTRY_TEST_TENANT"]
    if case.operation.label == DELETION and not any(is_negative(case, part) for part in CONFIRMATION):
        confirm_deletion(case)
    # Two prices must be equal, which a schema cannot express.
    if "/packages" in case.operation.path and isinstance(case.body, dict) and case.body.get("price") is not None:
        case.body.pop("basePrice", None)
        case.body.pop("priceCents", None)
    # Without an overlap, the secret key of the run would stop working.
    if case.operation.path.endswith("/v1/keys/rotate") and ends_key(case.body):
        case.body = {"overlapHours": 168}
        case.media_type = "application/json"


def is_negative(case, location):
    """Whether Schemathesis made a part of the request invalid."""
    return case.meta is not None and case.meta.is_negative_at(location)


def confirm_deletion(case):
    """Confirms the deletion with the slug of the tenant, which earlier calls may have changed."""
    headers = {"Authorization": f"Bearer {os.environ['TENANTRY_TEST_TOKEN']}"}
    path = f"/api/v1/admin/tenants/{os.environ['TENANTRY_TEST_TENANT']}"
    slug = requests.get(os.environ["TENANTRY_TEST_ORIGIN"] + path, headers=headers, timeout=10).json()["slug"]
    if isinstance(case.body, dict):
        case.body = {"slug": slug}
    else:
        case.query = {"slug": slug}


def ends_key(body):
    """Whether a body of a rotation is valid."""
    if not isinstance(body, dict):
        return body is NOT_SET
    hours = body.get("overlapHours")
    return set(body) <= {"overlapHours"} and (hours is None or (type(hours) is int and 0 <= hours <= 168))
