"""Run by `odoo shell`: creates an API key for the administrator and writes it to $API_KEY_FILE."""

import os

ADMINISTRATOR = 2
NO_EXPIRY = None

key = env["res.users.apikeys"].with_user(ADMINISTRATOR)._generate("rpc", "Tests", NO_EXPIRY)
env.cr.commit()
with open(os.environ["API_KEY_FILE"], "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
    file.write(key)
