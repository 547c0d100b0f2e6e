#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Feeder -> Collector -> Flameway -> Collector -> file, by each transport and compression.

    relay_test.py SENDER_VERSION RECEIVER_VERSION

What arrives in the file must mean the same as what was fed, and Flameway's counters must account
for every profile. Without the real captures the requests are made up, and the test says so.
"""

import itertools
import sys
import unittest

from collector import FilingCollector, SendingCollector
from export_requests import captured, made_up
from feeder import feed
from gateway import Gateway, exporter_to
from story import Story

WAYS = list(itertools.product(("grpc", "http"), ("none", "gzip", "zstd")))
# Spread over the ways in; each is fed at least once per pair of versions.
CAPTURES = [
    ["ebpf/goapp-97hz.otlp", "otlp-1.10-from-jfr/async-profiler.cpu.otlp"],
    ["ebpf/trace-97hz.otlp", "otlp-1.10-from-jfr/async-profiler.alloc.otlp"],
    ["ebpf/python-97hz.otlp", "otlp-1.10-from-jfr/dd-trace-java.lock.otlp"],
    ["ebpf/native-97hz.otlp", "otlp-1.10-from-jfr/async-profiler.wall.otlp"],
    ["ebpf/gobuild-20hz.otlp", "otlp-1.10-from-jfr/goland-multichunk.alloc.otlp"],
    ["ebpf/host-uprobe-20hz.otlp", "ebpf/idle-20hz.otlp"],
]
SENDER, RECEIVER = "0.162", "0.162"


class RelayTest(Story):
    def relay(self, number):
        # Out by the other transport with the next compression.
        way_in, way_out = WAYS[number], WAYS[(number + 4) % len(WAYS)]
        folder = self.subfolder(f"way-{number}")
        sent = [made_up(host) for host in range(6)] + captured(*CAPTURES[number])
        with FilingCollector(RECEIVER, folder) as receiver, \
                Gateway(folder, exporter_to(receiver, *way_out)) as gateway, \
                SendingCollector(SENDER, folder, *way_in, gateway) as sender:
            feed(sender.port, sent)
            counters = gateway.wait_until_delivered()
            self.assert_balanced(gateway, counters)
            self.assertEqual(counters["flameway_exporter_profiles_dropped"], 0)
            self.assertEqual(counters["flameway_receiver_profiles_rejected"], 0)
            for process in (sender, gateway, receiver):  # in the direction of the data
                self.assertEqual(process.terminate(), 0, process.name)
            self.assert_same_meaning(sent, receiver.path)

    def test_nothing_changes_on_the_way(self):
        if not captured(CAPTURES[0][0]):
            print("skipped: no real captures here, made-up requests only")
        for number, (transport, codec) in enumerate(WAYS):
            with self.subTest(sender=SENDER, receiver=RECEIVER, transport=transport, codec=codec):
                self.relay(number)

    def test_a_collector_takes_what_passes_through_as_it_came(self):
        way_in, way_out = ("grpc", "zstd"), ("grpc", "zstd")
        sent = [made_up(host) for host in range(6)] + captured(*CAPTURES[0])
        with FilingCollector(RECEIVER, self.folder) as receiver, \
                Gateway(self.folder, exporter_to(receiver, *way_out), batch_time=None) as gateway, \
                SendingCollector(SENDER, self.folder, *way_in, gateway) as sender:
            feed(sender.port, sent)
            counters = gateway.wait_until_delivered()
            self.assert_balanced(gateway, counters)
            self.assertEqual(counters["flameway_exporter_profiles_dropped"], 0)
            if SENDER == "0.159":  # newer ones refer to strings in resources
                self.assertGreater(counters["flameway_pipeline_messages_forwarded"], 0)
            for process in (sender, gateway, receiver):  # in the direction of the data
                self.assertEqual(process.terminate(), 0, process.name)
            self.assert_same_meaning(sent, receiver.path)

    def test_requests_of_many_hosts_leave_in_fewer_messages(self):
        with FilingCollector(RECEIVER, self.folder) as receiver, \
                Gateway(self.folder, exporter_to(receiver, "grpc", "zstd")) as gateway:
            feed(gateway.http_port, [made_up(host) for host in range(40)], "gzip")
            counters = gateway.wait_until_delivered()
            self.assert_balanced(gateway, counters)
            self.assertLess(counters["flameway_exporter_attempts"], 40)


if __name__ == "__main__":
    if len(sys.argv) > 2 and not sys.argv[1].startswith("-"):
        SENDER, RECEIVER = sys.argv[1:3]
        del sys.argv[1:3]
    unittest.main(verbosity=2)
