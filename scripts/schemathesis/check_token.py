"""Fails unless the token of the run still works."""

import os
import sys
from urllib.request import Request, urlopen

authorization = {"Authorization": f"Bearer {os.environ['TENANTRY_TEST_TOKEN']}"}
urlopen(Request(f"{sys.argv[1]}/api/v1/admin/tokens", headers=authorization))
