# SPDX-License-Identifier: Apache-2.0
"""The program under test: configuration, readiness, counters."""

import collections
import json
import os
import re
import urllib.request

from process import Process, free_port, wait_until

PROGRAM = os.path.abspath(os.environ.get("FLAMEWAY_PROGRAM", "build/release/flameway"))
SERIES = re.compile(r"^(\w+?)(?:_total)?(?:\{(.*)\})? ([-+.\deE]+)", re.MULTILINE)


def exporter_to(peer, transport, codec):
    """The exporters section that sends to `peer`."""
    if transport == "grpc":
        return {"otlp_grpc": {"endpoint": f"127.0.0.1:{peer.grpc_port}", "compression": codec,
                              "tls": {"insecure": True}}}
    return {"otlp_http": {"endpoint": f"http://127.0.0.1:{peer.http_port}", "compression": codec}}


class Gateway(Process):
    """`flameway run` in `folder` with free ports; without `exporters`, its embedded configuration.

    A batch stays open for `batch_time` or a million samples, whatever comes first; without
    `batch_time` there is none. `settings` are KEY=VALUE as `--set` takes them. `processors` act in
    their order, the batch last.
    """

    def __init__(self, folder, exporters=None, batch_time="500ms", settings=(), processors=None):
        self.grpc_port, self.http_port, self.metrics_port = free_port(), free_port(), free_port()
        arguments = [PROGRAM, "run"]
        if exporters is not None:
            path = folder / "gateway.yaml"
            processors = dict(processors or {})
            if batch_time is not None:
                processors["batch"] = {"timeout": batch_time, "send_batch_size": 1000000}
            path.write_text(json.dumps({
                "receivers": {"otlp": {"protocols": {"grpc": {}, "http": {}}}},
                "processors": processors,
                "exporters": exporters,
                "service": {"pipelines": {"profiles": {
                    "receivers": ["otlp"], "processors": list(processors),
                    "exporters": list(exporters)}}},
            }))
            arguments += ["--config", path]
        else:
            arguments += ["--set", f"extensions.health_check.endpoint=127.0.0.1:{free_port()}"]
        protocols = "receivers.otlp.protocols"
        reader = (f"[{{pull: {{exporter: {{prometheus: "
                  f"{{host: 127.0.0.1, port: {self.metrics_port}}}}}}}}}]")
        arguments += ["--set", f"{protocols}.grpc.endpoint=127.0.0.1:{self.grpc_port}",
                      "--set", f"{protocols}.http.endpoint=127.0.0.1:{self.http_port}",
                      "--set", f"service.telemetry.metrics.readers={reader}"]
        for setting in settings:
            arguments += ["--set", setting]
        super().__init__("flameway", arguments, folder / "gateway.log", folder)
        for port in (self.grpc_port, self.http_port, self.metrics_port):
            self.wait_for_port(port)

    def metrics(self):
        """The text of the metrics endpoint."""
        url = f"http://127.0.0.1:{self.metrics_port}/metrics"
        with urllib.request.urlopen(url, timeout=10) as reply:
            return reply.read().decode()

    def counters(self):
        """Every series of the metrics endpoint summed over its labels: name -> value."""
        text = self.metrics()
        sums = collections.Counter()
        for name, _, value in SERIES.findall(text):
            sums[name] += float(value)
        return sums

    def wait_until_delivered(self):
        """Until every accepted profile has reached an end; the counters then."""
        def settled():
            counters = self.counters()
            done = (counters["flameway_exporter_profiles_delivered"] +
                    counters["flameway_exporter_profiles_dropped"])
            return counters if done == counters["flameway_exporter_profiles_accepted"] > 0 else None
        return wait_until(settled, "every accepted profile is delivered or dropped")

    @staticmethod
    def imbalances(counters, exporters=1):
        """What does not add up, in words; nothing when every profile is accounted for."""
        def count(what):
            return int(counters[f"flameway_{what}"])
        equations = [
            ("receiver_profiles_received",
             ["receiver_profiles_rejected", "receiver_profiles_accepted"]),
            ("exporter_profiles_accepted",
             ["exporter_profiles_delivered", "exporter_profiles_dropped",
              "exporter_profiles_queued"]),
            ("exporter_profiles_accepted", ["receiver_profiles_accepted"] * exporters),
        ]
        return [f"{whole} {count(whole)} != {' + '.join(f'{part} {count(part)}' for part in parts)}"
                for whole, parts in equations if count(whole) != sum(map(count, parts))]
