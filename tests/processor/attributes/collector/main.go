// SPDX-License-Identifier: Apache-2.0

// Runs the Collector's own attributes and redaction processors over the configurations of a case
// file and writes the file again with what became of the attributes. Run by hand when cases are
// added:
//
//	cd tests/processor/attributes/collector && go mod tidy && go run . < ../../../../testdata/attributes/cases.txt > /tmp/cases.txt
//
// Lines: processor TAB configuration (YAML on one line) TAB answer; a `!` after the processor marks
// what Flameway does otherwise on purpose, with its own answer in a fourth field. Comments (#) and
// empty lines stay. The subject is one span, made below and again in cases_test.cc.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/attributesprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/redactionprocessor"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"
	"gopkg.in/yaml.v3"
)

func fill(m pcommon.Map) {
	m.PutStr("str", "text")
	m.PutStr("card", "4111 1111")
	m.PutStr("lines", "secret\nsecret too")
	m.PutStr("digits", "12")
	m.PutStr("number", "1.5")
	m.PutStr("nothing", "")
	m.PutStr("user.name", "Ann Bee")
	m.PutInt("int", 4111)
	m.PutDouble("double", 1.5)
	m.PutBool("yes", true)
	m.PutEmpty("empty")
	m.PutEmptyBytes("bytes").FromRaw([]byte{0, 255})
	s := m.PutEmptySlice("list")
	s.AppendEmpty().SetStr("secret")
	s.AppendEmpty().SetInt(4111)
	mm := m.PutEmptyMap("map")
	mm.PutStr("password", "secret")
	mm.PutStr("plain", "text")
}

func makeSubject() ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "shop")
	rs.Resource().Attributes().PutInt("port", 80)
	ss := rs.ScopeSpans().AppendEmpty()
	ss.Scope().SetName("agent")
	ss.Scope().SetVersion("1.2")
	fill(ss.Spans().AppendEmpty().Attributes())
	return td
}

func text(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeEmpty:
		return "nil"
	case pcommon.ValueTypeStr:
		var b strings.Builder
		for _, c := range []byte(v.Str()) {
			if c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
				fmt.Fprintf(&b, "\\x%02x", c)
			} else {
				b.WriteByte(c)
			}
		}
		return "\"" + b.String() + "\""
	case pcommon.ValueTypeBytes:
		return fmt.Sprintf("0x%x", v.Bytes().AsRaw())
	case pcommon.ValueTypeDouble:
		return "double(" + v.AsString() + ")"
	case pcommon.ValueTypeSlice:
		var parts []string
		for _, e := range v.Slice().All() {
			parts = append(parts, text(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case pcommon.ValueTypeMap:
		var parts []string
		for k, e := range v.Map().All() {
			parts = append(parts, k+": "+text(e))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return v.AsString()
	}
}

func changes(after pcommon.Map) string {
	before := pcommon.NewMap()
	fill(before)
	var parts []string
	for k := range before.All() {
		if _, ok := after.Get(k); !ok {
			parts = append(parts, "-"+k)
		}
	}
	for k, v := range after.All() {
		if old, ok := before.Get(k); !ok || text(old) != text(v) {
			parts = append(parts, k+"="+text(v))
		}
	}
	sort.Strings(parts)
	if len(parts) == 0 {
		return "unchanged"
	}
	return strings.Join(parts, "; ")
}

func answer(name, source string) string {
	var raw map[string]any
	if err := yaml.Unmarshal([]byte(source), &raw); err != nil {
		panic(err)
	}
	factory := attributesprocessor.NewFactory()
	if name == "redaction" {
		factory = redactionprocessor.NewFactory()
	}
	config := factory.CreateDefaultConfig()
	if err := confmap.NewFromStringMap(raw).Unmarshal(config); err != nil {
		return "refused"
	}
	if v, ok := config.(interface{ Validate() error }); ok && v.Validate() != nil {
		return "refused"
	}
	sink := new(consumertest.TracesSink)
	p, err := factory.CreateTraces(context.Background(), processortest.NewNopSettings(factory.Type()), config, sink)
	if err != nil {
		return "refused"
	}
	if err := p.ConsumeTraces(context.Background(), makeSubject()); err != nil {
		return "error"
	}
	span := sink.AllTraces()[0].ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	return changes(span.Attributes())
}

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	for scanner.Scan() {
		line := scanner.Text()
		fields := strings.Split(line, "\t")
		if strings.HasPrefix(line, "#") || len(fields) < 2 {
			fmt.Println(line)
			continue
		}
		out := []string{fields[0], fields[1], answer(strings.TrimSuffix(fields[0], "!"), fields[1])}
		if len(fields) > 3 {
			out = append(out, fields[3])
		}
		fmt.Println(strings.Join(out, "\t"))
	}
}
