"""Health names a database that does not answer, and says so without a secret."""

import json
import os
import subprocess
import sys

from tests.stack import ROOT, free_port

ASK = "from django.test import Client; r = Client(SERVER_NAME='localhost').get('/health/'); "


def test_health_names_a_database_that_does_not_answer():
    url = f"postgres://idlink:hush-hush@127.0.0.1:{free_port()}/idlink"
    code = f"import django; django.setup(); {ASK}print(r.status_code, r.content.decode())"
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "idlink.settings"}

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)

    status, _, body = done.stdout.partition(" ")
    assert status == "503", done.stderr
    assert json.loads(body)["database"] is False
    assert "hush-hush" not in done.stdout + done.stderr
