"""Prints what Python's own parser reads in files of mail."""
import email
import json
import sys
from email.policy import default


def part(message, subtype):
    body = message.get_body((subtype,))
    return body.get_content() if body else ""


def read(path):
    with open(path, "rb") as file:
        message = email.message_from_binary_file(file, policy=default)
    parts = list(message.walk())
    return {
        "headers": [[name, str(value)] for name, value in message.items()],
        "text": part(message, "plain"),
        "html": part(message, "html"),
        "defects": [str(defect) for each in parts for defect in each.defects]
        + [str(defect) for value in message.values() for defect in value.defects],
    }


json.dump([read(path) for path in sys.argv[1:]], sys.stdout)
