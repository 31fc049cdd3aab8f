"""Fails unless the token and the secret key of the run still work."""

import os
import sys
from urllib.request import Request, urlopen

for variable, path in [("TENANTRY_TEST_TOKEN", "admin/tokens"), ("TENANTRY_TEST_KEY", "tenant")]:
    authorization = {"Authorization": f"Bearer {os.environ[variable]}"}
    urlopen(Request(f"{sys.argv[1]}/api/v1/{path}", headers=authorization))
