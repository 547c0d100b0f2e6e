// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/load_report_text.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>

#include "bridge/cli/delivery_exit.h"
#include "bridge/cli/json_writer.h"
#include "bridge/cli/quantity.h"
#include "fmt/format.h"

namespace flameway {
namespace {

using std::chrono::nanoseconds;

double Seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }
double Millis(nanoseconds time) { return Seconds(time) * 1e3; }

double Per(double amount, double of) { return of > 0 ? amount / of : 0; }

void PrintJson(const LoadReport& report, nanoseconds cpu, const Console& console) {
  const double seconds = Seconds(report.elapsed);
  const double megabytes = static_cast<double>(report.bytes) / 1e6;
  JsonWriter json(JsonWriter::Layout::kOneLine);
  json.BeginObject().Key("requests").Value(report.requests);
  json.Key("samples").Value(report.samples);
  json.Key("bytes").Value(report.bytes).Key("wire_bytes").Value(report.wire_bytes);
  json.Key("seconds").Ratio(seconds);
  json.Key("requests_per_second").Ratio(Per(static_cast<double>(report.requests), seconds));
  json.Key("megabytes_per_second").Ratio(Per(megabytes, seconds));
  json.Key("cpu_seconds").Ratio(Seconds(cpu));
  json.Key("behind_schedule_ms").Ratio(Millis(report.latest));
  json.Key("latency_ms").BeginObject();
  for (const int percent : {50, 90, 99}) {
    json.Key(fmt::format("p{}", percent)).Ratio(Millis(report.latency.Percentile(percent)));
  }
  json.Key("max").Ratio(Millis(report.latency.max())).EndObject();
  json.Key("answers").BeginArray();
  for (const auto& [code, answers] : report.answers) {
    json.BeginObject().Key("code").String(code).Key("requests").Value(answers.requests);
    json.Key("rejected_profiles").Value(answers.rejected_profiles);
    json.Key("message").String(answers.message).EndObject();
  }
  console.out() << json.EndArray().EndObject().text() << '\n';
}

}  // namespace

std::string FormatLatency(nanoseconds latency) {
  const double millis = Millis(latency);
  if (millis >= 1000) return fmt::format("{:.2f} s", millis / 1000);
  return fmt::format("{:.{}f} ms", millis, millis < 10 ? 2 : 1);
}

nanoseconds ProcessCpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

ExitCode LoadExitCode(const LoadReport& report) {
  ExitCode code = ExitCode::kSuccess;
  for (const auto& [word, answers] : report.answers) {
    Delivery delivery;
    delivery.outcome = answers.outcome;
    delivery.rejected_profiles = answers.rejected_profiles;
    delivery.code = word;
    code = std::max(code, DeliveryExitCode(delivery));
  }
  return code;
}

void PrintLoadReport(const LoadReport& report, nanoseconds cpu, const Console& console) {
  if (console.format() != OutputFormat::kHuman) return PrintJson(report, cpu, console);
  const double seconds = Seconds(report.elapsed);
  const double megabytes = static_cast<double>(report.bytes) / 1e6;
  std::ostream& out = console.out();
  out << fmt::format("requests  {:>12}  in {:.2f} s, {:.1f} a second\n",
                     FormatCount(report.requests), seconds,
                     Per(static_cast<double>(report.requests), seconds));
  out << fmt::format("samples   {:>12}\n", FormatCount(report.samples));
  out << fmt::format("bytes     {:>12}  {:.1f} MB/s uncompressed; on the wire {}\n",
                     FormatBytes(report.bytes), Per(megabytes, seconds),
                     FormatBytes(report.wire_bytes));
  out << fmt::format(
      "latency   {:>12}  p50, {} p90, {} p99, {} max\n",
      FormatLatency(report.latency.Percentile(50)), FormatLatency(report.latency.Percentile(90)),
      FormatLatency(report.latency.Percentile(99)), FormatLatency(report.latency.max()));
  if (report.latest > std::chrono::milliseconds(1)) {
    out << fmt::format("late      {:>12}  at most, behind the schedule\n",
                       FormatLatency(report.latest));
  }
  out << fmt::format("own CPU   {:>10.2f} s  {:.2f} ms per MB\n\n", Seconds(cpu),
                     Per(Millis(cpu), megabytes));
  out << fmt::format("{:<22} {:>9} {:>18}  {}\n", "code", "requests", "profiles refused",
                     "message");
  for (const auto& [code, answers] : report.answers) {
    out << fmt::format("{:<22} {:>9} {:>18}  {}\n", code, answers.requests,
                       answers.rejected_profiles, answers.message);
  }
}

}  // namespace flameway
