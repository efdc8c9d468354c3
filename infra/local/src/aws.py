"""Answers requests to AWS (or the local cloud), a JSON line each: [service, operation, parameters]."""

import base64
import datetime
import json
import signal
import sys

import boto3
import botocore.exceptions

# Ctrl-C is for the command, which ends this program with itself.
signal.signal(signal.SIGINT, signal.SIG_IGN)
clients = {}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if key != "ResponseMetadata"}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return {"base64": base64.b64encode(value).decode()}
    if hasattr(value, "read"):
        return value.read().decode("utf-8", "replace")
    return value


for line in sys.stdin:
    service, operation, parameters = json.loads(line)
    try:
        client = clients.setdefault(service, None) or boto3.client(service)
        clients[service] = client
        answer = {"ok": plain(getattr(client, operation)(**parameters))}
    except botocore.exceptions.ClientError as error:
        detail = error.response["Error"]
        answer = {"code": detail.get("Code", ""), "message": detail.get("Message", "")}
    except Exception as error:  # whatever it was belongs to the caller
        answer = {"code": type(error).__name__, "message": str(error)}
    print(json.dumps(answer), flush=True)
