#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Text that is to be redacted leaves the program nowhere: by no exporter, in no table of a message,
no log line, no metric and no answer to a sender.

The secrets stand in every place an attribute has, as text, bytes, in lists and maps, in strings
that only attributes refer to, in the original payload, and in requests that are refused.
"""

import http.client
import unittest

from export_requests import field
from feeder import post
from gateway import Gateway, exporter_to
from process import wait_until
from story import Story

VARIABLE = "process.environment_variable.DB_PASSWORD"
UNDER_KEY = "correct-horse-battery"  # the value of VARIABLE
CARD = "4111111111111111"            # what a pattern finds wherever it stands
SECRETS = [UNDER_KEY.encode(), CARD.encode()]
REDACTION = {
    "allow_all_keys": True,
    "blocked_key_patterns": [r"^process\.environment_variable\."],
    "blocked_values": ["4[0-9]{12}(?:[0-9]{3})?"],
    "summary": "debug",
}


def text(value):
    return field(1, value)


def listing(*values):
    return field(5, b"".join(field(1, value) for value in values))


def pair(key, value):
    return field(1, key) + field(2, value)


def mapping(**values):
    return field(6, b"".join(field(1, pair(key, value)) for key, value in values.items()))


def environment():
    return field(6, field(1, pair(VARIABLE, text(UNDER_KEY))) + field(1, pair("card", text(CARD))))


ATTRIBUTES = {
    VARIABLE: text(UNDER_KEY),
    "args": text(f"run --card={CARD} --fast"),
    "lines": text(f"one\n{CARD}\nthree"),
    "list": listing(text("fine"), text(CARD), listing(mapping(deep=text(f"<{CARD}>")))),
    "environment": environment(),
    "bytes": field(7, b"\xff\x00" + CARD.encode()),
    "plain": text("stays"),
}
NUMBERED = {**ATTRIBUTES, VARIABLE + ".LIST": listing(text(UNDER_KEY), text("x"))}


def request(references=False, damage=b""):
    """With `references`, attributes of resource and scope are indices of the string table."""
    strings = [""]

    def index(value):
        if value not in strings:
            strings.append(value)
        return strings.index(value)

    def attribute(key, value):
        if not references:
            return pair(key, value)
        if value[:1] == b"\x0a":  # a text: its index in field 8 of the value
            value = field(8, index(value[2:].decode()))
        return field(3, index(key)) + field(2, value)

    rows = [b""] + [field(1, index(key)) + field(2, value) for key, value in NUMBERED.items()]
    all_rows = list(range(1, len(rows)))
    tables = (
        [b"", field(4, index("/bin/app")) + field(5, all_rows)],
        [b"", field(1, 1) + field(2, 16) + field(3, field(1, 1)) + field(4, all_rows)],
        [b"", field(1, index("main"))],
        [b""],
        strings,
        rows,
        [b"", field(1, [1])],
    )
    profile = (field(1, field(1, index("samples")) + field(2, index("count"))) +
               field(2, field(1, 1) + field(2, all_rows) + field(4, [1])) +
               field(9, "jfr") + field(10, f"{VARIABLE}={UNDER_KEY} {CARD}") +
               field(11, all_rows))
    attributes = [attribute(key, value) for key, value in ATTRIBUTES.items()]
    resource = b"".join(field(1, a) for a in attributes)
    scope = field(1, "agent") + b"".join(field(3, a) for a in attributes)
    group = field(1, field(1, resource) + field(2, field(1, scope) + field(2, profile + damage)))
    dictionary = b"".join(
        field(number, row) for number, table in enumerate(tables, 1) for row in table)
    return group + field(2, dictionary)


class RedactionTest(Story):
    def run_gateway(self, processors):
        """All that comes out anywhere, by what it came out of."""
        outputs = {}
        folder = self.subfolder("redaction" if processors else "plain")
        peer_folder = folder / "peer"
        peer_folder.mkdir()
        with Gateway(peer_folder, {"file": {"path": "got.bin", "format": "proto"}}) as peer:
            exporters = {
                **exporter_to(peer, "grpc", "none"), **exporter_to(peer, "http", "none"),
                "file": {"path": "out.bin", "format": "proto"},
                "file/references": {"path": "references.bin", "format": "proto",
                                    "attribute_references": "reference"},
                "debug": {"verbosity": "detailed"},
            }
            with Gateway(folder, exporters, processors=processors,
                         settings=["service.telemetry.logs.level=debug"]) as gateway:
                answers = b""
                for sent in (request(), request(references=True)):
                    status, answer = post(gateway.http_port, sent)
                    self.assertEqual(status, 200, answer)
                    answers += answer
                # Refused: a reference beyond a table, cut bytes, text that is not UTF-8, no protobuf.
                bad_row = field(2, field(1, 99))
                for sent in (request(damage=bad_row), request()[:-3],
                             field(1, field(1, field(1, pair("k", field(1, b"\xff" + SECRETS[1]))))),
                             CARD.encode() + UNDER_KEY.encode()):
                    answers += post(gateway.http_port, sent)[1]
                answers += self.bad_header(gateway)
                gateway.wait_until_delivered()
                wait_until(lambda: peer.counters()["flameway_exporter_profiles_accepted"] >= 4,
                           "the peer has what was sent to it")
                peer.wait_until_delivered()
                outputs["metrics"] = gateway.metrics().encode()
                outputs["answers"] = answers
                self.assertEqual(gateway.terminate(), 0)
            self.assertEqual(peer.terminate(), 0)
        outputs["grpc and http"] = (peer_folder / "got.bin").read_bytes()
        outputs["file"] = (folder / "out.bin").read_bytes()
        outputs["references"] = (folder / "references.bin").read_bytes()
        outputs["log and debug"] = gateway.log_path.read_bytes()
        return outputs

    @staticmethod
    def bad_header(gateway):
        """The answer to a request whose content type nobody can take."""
        connection = http.client.HTTPConnection("127.0.0.1", gateway.http_port, timeout=60)
        connection.request("POST", "/v1development/profiles", CARD.encode(),
                           {"Content-Type": "text/plain"})
        answer = connection.getresponse().read()
        connection.close()
        return answer

    def test_blocked_text_leaves_nowhere(self):
        for name, output in self.run_gateway({"redaction": REDACTION}).items():
            for secret in SECRETS:
                self.assertNotIn(secret, output, name)
            if name not in ("metrics", "answers"):
                self.assertIn(b"stays", output, name)
                self.assertIn(b"****", output, name)

    def test_without_redaction_the_same_search_finds_it(self):
        for name, output in self.run_gateway({}).items():
            if name not in ("metrics", "answers"):
                for secret in SECRETS:
                    self.assertIn(secret, output, name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
