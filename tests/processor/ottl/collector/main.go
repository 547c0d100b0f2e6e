// SPDX-License-Identifier: Apache-2.0

// Asks the Collector's own OTTL what each text of a case file means and writes the file again with
// its answers, so that they are facts, not our reading. Run by hand when cases are added:
//
//	cd tests/processor/ottl/collector && go mod tidy && go run . < ../../../../testdata/ottl/cases.txt > /tmp/cases.txt
//
// Lines: kind TAB text TAB answer; kind is `condition` or `statement`, with a `!` where Flameway
// refuses on purpose what the Collector takes; the answer may be missing on input. Comments (#) and empty lines stay. The subject is one resource, made below and again
// in cases_test.cc.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlresource"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

func makeSubject() plog.ResourceLogs {
	rl := plog.NewResourceLogs()
	rl.SetSchemaUrl("https://example.org/1")
	m := rl.Resource().Attributes()
	zero := 0.0
	m.PutStr("str", "text")
	m.PutStr("path", "/usr/lib/libc.so.6")
	m.PutStr("utf8", "aé日𝄞")
	m.PutStr("mixed", "ÀÉ\u01c5ßZz")
	m.PutStr("digits", "12")
	m.PutStr("number", "1_0.5")
	m.PutStr("nothing", "")
	m.PutInt("int", 42)
	m.PutInt("negative", -7)
	m.PutInt("smallest", -1<<63)
	m.PutDouble("double", 1.5)
	m.PutDouble("whole", 2)
	m.PutDouble("huge", 1e300)
	m.PutDouble("tiny", 1e-7)
	m.PutDouble("nan", zero/zero)
	m.PutBool("yes", true)
	m.PutBool("no", false)
	m.PutEmpty("empty")
	m.PutEmptyBytes("bytes").FromRaw([]byte{0, 255})
	m.PutEmptyBytes("nobytes")
	s := m.PutEmptySlice("list")
	s.AppendEmpty().SetStr("a")
	s.AppendEmpty().SetInt(2)
	s.AppendEmpty().SetDouble(1e21)
	s.AppendEmpty().SetEmptyBytes().FromRaw([]byte{1})
	s.AppendEmpty()
	s.AppendEmpty().SetEmptyMap().PutStr("k", "v")
	mm := m.PutEmptyMap("map")
	mm.PutStr("z", "<&>\u2028é\b\n\"")
	mm.PutDouble("a", 1e-7)
	mm.PutInt("n", 1)
	mm.PutEmptyMap("m").PutStr("deep", "x")
	return rl
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

// What became of the attributes: sorted, only what changed.
func changes(after pcommon.Map) string {
	before := makeSubject().Resource().Attributes()
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

func answer(kind, source string) (result string) {
	defer func() {
		if recover() != nil {
			result = "panic"
		}
	}()
	parser, err := ottlresource.NewParser(ottlfuncs.StandardFuncs[*ottlresource.TransformContext](),
		componenttest.NewNopTelemetrySettings(), ottlresource.EnablePathContextNames())
	if err != nil {
		panic(err)
	}
	subject := makeSubject()
	tCtx := ottlresource.NewTransformContext(subject.Resource(), subject)
	if kind == "condition" {
		condition, err := parser.ParseCondition(source)
		if err != nil {
			return "refused"
		}
		holds, err := condition.Eval(context.Background(), tCtx)
		if err != nil {
			return "error"
		}
		return fmt.Sprint(holds)
	}
	statement, err := parser.ParseStatement(source)
	if err != nil {
		return "refused"
	}
	if _, _, err := statement.Execute(context.Background(), tCtx); err != nil {
		return "error"
	}
	return changes(subject.Resource().Attributes())
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
		fmt.Printf("%s\t%s\t%s\n", fields[0], fields[1], answer(strings.TrimSuffix(fields[0], "!"), fields[1]))
	}
}
