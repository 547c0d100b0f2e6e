#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same processors, letter by letter, in a Collector and in Flameway: what comes out means the
same. Each configuration below is a pipeline of one Collector, and of one configuration that
`flameway merge` applies to the same requests.

The Collector's processors are 0.161's, the newest that can be built; where their meaning changed
since, no configuration here depends on it. What differs on purpose is in docs/transforms.md.
"""

import json
import subprocess
import unittest

from collector import TransformingCollector
from export_requests import captured, made_up, unframe
from feeder import feed
from gateway import PROGRAM
from story import Story

CAPTURES = ["ebpf/goapp-97hz.otlp", "ebpf/trace-97hz.otlp", "ebpf/idle-20hz.otlp",
            "ebpf/gobuild-20hz.otlp", "otlp-1.10-from-jfr/async-profiler.cpu.otlp",
            "otlp-1.10-from-jfr/async-profiler.alloc.otlp",
            "otlp-1.10-from-jfr/dd-trace-java.lock.otlp"]


def resource(*actions):
    return {"resource": {"attributes": list(actions)}}


def dropped(*conditions, **more):
    return {"filter": {"profile_conditions": list(conditions), **more}}


def changed(*statements, **more):
    return {"transform": {"profile_statements": list(statements), **more}}


CONFIGURATIONS = {
    "resource-insert": resource(
        {"key": "env", "value": "prod", "action": "insert"},
        {"key": "service.name", "value": "unknown", "action": "insert"},
        {"key": "copy", "from_attribute": "process.executable.name", "action": "insert"}),
    "resource-update": resource(
        {"key": "service.name", "value": "one", "action": "update"},
        {"key": "missing", "value": 1, "action": "update"},
        {"key": "process.pid", "value": 7, "action": "update"}),
    "resource-upsert": resource(
        {"key": "service.name", "value": "one", "action": "upsert"},
        {"key": "ratio", "value": 1.5, "action": "upsert"},
        {"key": "on", "value": True, "action": "upsert"}),
    "resource-delete": resource(
        {"key": "process.pid", "action": "delete"},
        {"pattern": r"^process\.environment_variable\.", "action": "delete"}),
    "resource-hash": resource(
        {"key": "process.executable.path", "action": "hash"},
        {"key": "process.pid", "action": "hash"},
        {"pattern": "^container", "action": "hash"}),
    "resource-extract": resource(
        {"key": "process.executable.path",
         "pattern": "^/(?P<first>[^/]+)/(?P<second_part>[^/]+)", "action": "extract"}),
    "resource-in-capitals": resource({"key": "process.pid", "action": "DELETE"},
                                     {"key": "Host.Name", "value": "x", "action": "UpSert"}),
    "resource-values": resource(
        {"key": "empty", "value": "", "action": "insert"},
        {"key": "large", "value": 9007199254740993, "action": "insert"},
        {"key": "negative", "value": -1, "action": "insert"},
        {"key": "real", "value": 1e300, "action": "insert"},
        {"key": "zero", "value": 2.0, "action": "insert"},
        {"key": "text", "value": "${env:UNSET_HERE:-12}", "action": "insert"},
        {"key": "dollars", "value": "$$5 and $", "action": "insert"}),
    "resource-convert": resource(
        {"key": "process.pid", "action": "convert", "converted_type": "string"},
        {"key": "service.name", "action": "convert", "converted_type": "int"}),
    "filter-resource": dropped('resource.attributes["process.executable.name"] == "otelcol-ebpf"'),
    "filter-missing": dropped('resource.attributes["service.name"] == nil'),
    "filter-match": dropped('IsMatch(resource.attributes["process.executable.path"], "^/srv/")',
                            'resource.attributes["service.name"] == "service-1"'),
    "filter-number": dropped('resource.attributes["process.pid"] > 10 and '
                             'resource.attributes["process.pid"] < 500'),
    "filter-not": dropped('not (resource.attributes["service.name"] == "service-2" or '
                          'HasPrefix(resource.attributes["host.name"], "host-1"))'),
    "filter-scope": dropped('profile.period > 10309278 or profile.period_type.type == "wall"'),
    "filter-profile": dropped('profile.sample_type.type == "alloc" or profile.duration_unix_nano '
                              '> 4900000000'),
    "filter-legacy-profile": {"filter": {"profiles": {
        "profile": ['resource.attributes["process.executable.name"] == "orders"',
                    'sample_type.type == "wall"', "period_type.unit == nil"]}}},
    "filter-three-contexts": dropped(
        'resource.attributes["host.name"] == "host-1"', 'scope.version == "3"',
        "profile.period == 50000000"),
    "filter-scope-name": dropped('scope.name == "made-up"', 'scope.version == "none"'),
    "filter-mixed": dropped('resource.attributes["host.name"] == "host-3"', "profile.period == "
                            '50000000 and resource.attributes["service.name"] != nil'),
    "filter-arithmetic": dropped('profile.period * 2 + 1 > 100000 and (profile.period - 1) / 3 < '
                                 '5000000', 'Len(resource.attributes["process.executable.name"]) '
                                 '== 6', 'resource.attributes["process.pid"] == 4.0'),
    "filter-types": dropped('IsString(resource.attributes["process.pid"])',
                            'IsInt(resource.attributes["process.pid"]) and '
                            'Double(resource.attributes["process.pid"]) < 8.5',
                            'resource.attributes["service.name"] >= "service-2"'),
    "filter-nothing": dropped('resource.attributes["no"] == "yes"', error_mode="silent"),
    "filter-everything": dropped("profile.period >= 0"),
    "filter-legacy": {"filter": {"profiles": {
        "resource": ['attributes["process.executable.name"] == "orders"'],
        "profile": ["profile.period == 50000000"]}}},
    "filter-contexts": {"filter": {"profile_conditions": [
        {"context": "resource", "conditions": ['attributes["host.name"] == "host-2"']},
        {"context": "profile", "conditions": ["profile.period == 50000000",
                                              'resource.attributes["service.name"] == "orders"']},
    ]}},
    "transform-resource": changed(
        'set(resource.attributes["env"], "prod")',
        'set(resource.attributes["name"], Concat([resource.attributes["process.executable.name"], '
        'resource.attributes["service.name"]], "/"))',
        'set(resource.attributes["pid"], String(resource.attributes["process.pid"])) '
        'where resource.attributes["process.pid"] != nil',
        'delete_key(resource.attributes, "process.pid")'),
    "transform-keys": changed(
        'keep_keys(resource.attributes, ["service.name", "process.executable.name", "host.name"])'),
    "transform-patterns": changed(
        r'delete_matching_keys(resource.attributes, "^process\\.environment.*")',
        r'replace_pattern(resource.attributes["process.executable.path"], "^/srv/([a-z]+)/", '
        '"/x/$$1/")',
        'replace_match(resource.attributes["host.name"], "host-*", "host")',
        r'replace_all_patterns(resource.attributes, "value", "service-(\\d)", "s$$1")'),
    "transform-limits": changed(
        "truncate_all(resource.attributes, 5)",
        'limit(resource.attributes, 3, ["service.name"])'),
    "transform-where": changed(
        'set(resource.attributes["kind"], "go") where IsMatch(resource.attributes'
        '["process.executable.name"], "^(orders|otelcol)")',
        'set(resource.attributes["kind"], "other") where resource.attributes["kind"] == nil',
        'set(resource.attributes["upper"], ToUpperCase(resource.attributes["kind"]))',
        'set(resource.attributes["part"], Substring(resource.attributes["kind"], 0, 2))'),
    "transform-keep-matching": changed(
        'keep_matching_keys(resource.attributes, "^(service|host)")',
        'set(resource.attributes["parts"], Split("a,b,c", ","))',
        'merge_maps(resource.attributes, {"service.name": "merged", "n": 1}, "insert")'),
    "transform-scope": changed(
        'set(scope.version, "2")', 'set(scope.attributes["a"], Len(scope.name))'),
    "transform-profile": changed(
        'set(profile.attributes["env"], "prod")',
        'set(profile.attributes["period"], profile.period * 2)',
        "set(profile.period, 1) where profile.period > 1"),
    "transform-from-above": changed(
        'set(profile.attributes["service"], resource.attributes["service.name"]) '
        'where resource.attributes["service.name"] != nil'),
    "transform-mixed": changed(
        'set(resource.attributes["n"], 1)',
        'set(profile.attributes["n"], resource.attributes["n"])',
        'set(scope.attributes["host"], resource.attributes["host.name"]) '
        'where resource.attributes["host.name"] != nil',
        'set(profile.attributes["scope"], scope.name)'),
    "transform-one-group": {"transform": {"profile_statements": [{"statements": [
        'set(resource.attributes["b"], 1)', 'set(profile.attributes["c"], 1)']}]}},
    "transform-fields": changed(
        'set(resource.schema_url, "https://x")', 'set(scope.schema_url, "https://y")',
        'set(scope.name, "n")', 'set(profile.sample_type.type, "other")',
        "set(profile.duration_unix_nano, 5000000000)", "set(profile.time_unix_nano, 7)",
        "set(resource.dropped_attributes_count, 3)"),
    "transform-whole-maps": changed(
        'set(resource.attributes, {"only": "this"})',
        'set(profile.attributes, resource.attributes)'),
    "transform-limit-none": changed("limit(resource.attributes, 1, [])",
                                    "truncate_all(scope.attributes, 3)"),
    "transform-text": changed(
        'set(resource.attributes["a"], Concat([1, "b", true, 2.5, nil], "-"))',
        'set(resource.attributes["b"], String(1.0))',
        'set(resource.attributes["c"], Int("31"))',
        'set(resource.attributes["d"], Double("1e3"))',
        r'set(resource.attributes["e"], "quote \" tab \t")',
        'set(resource.attributes["f"], Int(3.99))',
        'set(resource.attributes["g"], ToLowerCase("ÄÖ"))',
        'set(resource.attributes["h"], 7 / 2)', 'set(resource.attributes["i"], 7.0 / 2)'),
    "transform-cache": changed(
        'set(resource.cache["a"], resource.attributes["process.executable.name"])',
        'set(resource.attributes["b"], resource.cache["a"]) where resource.cache["a"] != nil'),
    "transform-nil": changed('set(resource.attributes["host.name"], nil)',
                             'set(resource.attributes["new"], nil)'),
    "transform-payload": changed('set(profile.original_payload_format, "none")'),
    "transform-nested": changed(
        'set(resource.attributes["m"], {"a": [1, "two", 3.5], "b": {"c": true}})',
        'set(resource.attributes["m"]["b"]["d"], resource.attributes["m"]["a"][1])'),
    "transform-groups": {"transform": {"error_mode": "silent", "profile_statements": [
        {"context": "resource", "conditions": ['attributes["service.name"] == "service-0"'],
         "statements": ['set(attributes["team"], "retail")']},
        {"context": "profile", "statements": ['set(attributes["kind"], sample_type.type)']},
    ]}},
    "transform-errors": changed(
        'set(resource.attributes["a"], Substring(resource.attributes["service.name"], 0, 900))',
        'set(resource.attributes["b"], "reached")', error_mode="ignore"),
    "all": {
        **resource({"key": "env", "value": "prod", "action": "upsert"},
                   {"key": "process.pid", "action": "delete"}),
        **dropped('resource.attributes["env"] != "prod"',
                  'resource.attributes["process.executable.name"] == "orders"'),
        **changed('set(resource.attributes["env"], "production")'),
    },
}


def named(name, processors):
    """The processors with ids of their own, so that all pipelines fit into one configuration."""
    return {f"{type_}/{name}": body for type_, body in processors.items()}


class TransformsTest(Story):
    @classmethod
    def setUpClass(cls):
        cls.processors, cls.lists = {}, {}
        for name, processors in CONFIGURATIONS.items():
            cls.processors.update(named(name, processors))
            cls.lists[name] = list(named(name, processors))

    def write_gateway(self):
        path = self.folder / "flameway.yaml"
        path.write_text(json.dumps({
            "receivers": {"otlp": {"protocols": {"http": {}}}},
            "processors": self.processors,
            "exporters": {"nop": {}},
            "service": {"pipelines": {
                f"profiles/{name}": {"receivers": ["otlp"], "processors": processors,
                                     "exporters": ["nop"]}
                for name, processors in self.lists.items()}},
        }))
        return path

    def transformed(self, configuration, name, inputs):
        """What Flameway makes of the files."""
        out = self.folder / f"flameway-{name}.bin"
        run = subprocess.run(
            [PROGRAM, "merge", "-c", configuration, "--pipeline", f"profiles/{name}", "-O", out,
             "--framing", "length-prefixed", *inputs],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)
        return unframe(out.read_bytes()) if out.stat().st_size else []

    def test_each_configuration_means_the_same(self):
        sent = [made_up(host) for host in range(4)] + captured(*CAPTURES)
        inputs = []
        for number, message in enumerate(sent):
            inputs.append(self.folder / f"in-{number:04}.otlp")
            inputs[-1].write_bytes(message)
        collector_folder = self.subfolder("collector")
        with TransformingCollector(collector_folder, self.processors, self.lists) as collector:
            feed(collector.http_port, sent)
            self.assertEqual(collector.terminate(), 0)
            expected = {name: unframe(path.read_bytes()) if path.stat().st_size else []
                        for name in CONFIGURATIONS
                        for path in [collector.path_of(name)]}
        configuration = self.write_gateway()
        for name in CONFIGURATIONS:
            with self.subTest(name):
                actual = self.transformed(configuration, name, inputs)
                self.assert_same(expected[name], actual, f"comparison-{name}")
                if name != "filter-nothing":  # a configuration that does nothing shows nothing
                    self.assertNotEqual(expected[name], expected["filter-nothing"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
