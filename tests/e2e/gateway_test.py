#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program alone: embedded configuration, drain, old dialects, nonsense, exit codes."""

import os
import resource
import subprocess
import unittest

from export_requests import captured, made_up
from feeder import feed, post
from gateway import PROGRAM, Gateway
from story import Story


class GatewayTest(Story):
    def filing_gateway(self):
        """Files what it received when it ends, not before: all of it is one open batch."""
        self.received = self.folder / "received.bin"
        return Gateway(self.folder, {"file": {"path": str(self.received), "format": "proto"}}, "1h")

    def test_default_configuration_takes_profiles_and_ends_on_sigterm(self):
        with Gateway(self.folder) as gateway:
            sent = self.folder / "request.otlp"
            sent.write_bytes(made_up(1))
            send = subprocess.run(
                [PROGRAM, "send", sent, "--otlp-endpoint", f"127.0.0.1:{gateway.grpc_port}"],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
            self.assertEqual(send.returncode, 0, send.stdout)
            feed(gateway.http_port, [made_up(2)])
            counters = gateway.wait_until_delivered()
            self.assertEqual(counters["flameway_receiver_profiles_received"], 6)
            self.assert_balanced(gateway, counters, exporters=2)
            self.assertEqual(gateway.terminate(), 0)
        self.assert_same_meaning([made_up(1), made_up(2)],
                                 self.folder / "flameway-output" / "profiles.otlp")

    def test_sigterm_delivers_what_waits_in_an_open_batch(self):
        sent = [made_up(host) for host in range(20)]
        with self.filing_gateway() as gateway:
            feed(gateway.http_port, sent)
            self.assertEqual(gateway.terminate(), 0)
        self.assert_same_meaning(sent, self.received)

    def test_old_dialect_means_the_same_as_its_renumbered_form(self):
        old = captured("captures/k8s.otlp")
        renumbered = captured("otlp-1.10-from-jfr/k8s-1.as1.10.otlp",
                              "otlp-1.10-from-jfr/k8s-2.as1.10.otlp")
        if not old or not renumbered:
            self.skipTest("skipped: no real captures here")
        with self.filing_gateway() as gateway:
            feed(gateway.http_port, old)
            self.assertEqual(gateway.terminate(), 0)
        self.assert_same_meaning(renumbered, self.received)

    def test_real_relays_with_reference_attributes_are_read(self):
        relayed = captured("ebpf/relay-v0.164-merged.otlp", "ebpf/relay-v0.164-trace-97hz.otlp")
        if not relayed:
            self.skipTest("skipped: no real captures here")
        with self.filing_gateway() as gateway:
            feed(gateway.http_port, relayed)
            self.assertEqual(gateway.terminate(), 0)
        self.assert_same_meaning(relayed, self.received)

    def test_nonsense_is_refused_and_harms_no_neighbour(self):
        sent = [made_up(host) for host in range(4)]
        nonsense = [b"\xff" * 100, sent[0][:-7], b"\x0a\xff\xff\xff\xff\x7f", os.urandom(5000)]
        with self.filing_gateway() as gateway:
            for good, bad in zip(sent, nonsense):
                feed(gateway.http_port, [good])
                status, _ = post(gateway.http_port, bad)
                self.assertEqual(status, 400, bad[:20])
            self.assertEqual(gateway.terminate(), 0)
        self.assert_same_meaning(sent, self.received)

    def test_as_many_descriptors_as_allowed_may_be_used(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard <= 256:
            self.skipTest(f"skipped: no more than {hard} descriptors are allowed here")
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        with Gateway(self.folder) as gateway:
            self.assertEqual(gateway.descriptor_limit(), hard)

    def test_invalid_configuration_ends_with_78(self):
        path = self.folder / "broken.yaml"
        path.write_text("receivers: {otlp: {protocols: {grpc: {endpont: 1}}}}\n")
        run = subprocess.run([PROGRAM, "run", "--config", path], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=60)
        self.assertEqual(run.returncode, 78, run.stdout)
        self.assertIn("endpont", run.stdout)

    def test_taken_port_ends_with_69(self):
        with Gateway(self.folder) as first:
            endpoint = f"127.0.0.1:{first.http_port}"
            run = subprocess.run(
                [PROGRAM, "run", "--set", f"receivers.otlp.protocols.http.endpoint={endpoint}",
                 "--set", "receivers.otlp.protocols.grpc.endpoint=127.0.0.1:0",
                 "--set", "extensions.health_check.endpoint=127.0.0.1:0",
                 "--set", "service.telemetry.metrics.level=none"], cwd=self.subfolder("second"),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
            self.assertEqual(run.returncode, 69, run.stdout)
            self.assertIn(str(first.http_port), run.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
