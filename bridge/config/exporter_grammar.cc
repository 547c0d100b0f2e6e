// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/exporter_grammar.h"

#include <chrono>
#include <span>
#include <string>

#include "bridge/config/batch_grammar.h"
#include "bridge/config/endpoint_text.h"
#include "bridge/config/tls_grammar.h"
#include "fmt/format.h"

namespace flameway {
namespace {

constexpr std::string_view kProfilesPath = "/v1development/profiles";

void DescribeQueue(Section& section, Coalesce coalesce, ExporterConfig& exporter) {
  QueueOptions& queue = exporter.queue;
  section.Bool("enabled", queue.enabled);
  section.Enum("sizer", queue.sizer, kSizers);
  section.Integer("queue_size", queue.queue_size, 1);
  section.Integer("num_consumers", queue.num_consumers, 1, 1'000);
  section.Bool("block_on_overflow", queue.block_on_overflow);
  section.Unsupported("wait_for_result", "requests are answered once they are in a batch");
  section.Unsupported("storage", "the queue is kept in memory");
  std::optional<BatchPolicy>& batch = exporter.batch;
  section.Child("batch", batch ? Section::Presence::kPresent : Section::Presence::kAbsent,
                [&](Section& child) {
                  if (!batch) batch = BatchPolicy{.coalesce = coalesce};
                  DescribeQueueBatch(child, queue.sizer, *batch);
                });
}

void DescribeRetry(Section& section, RetryOptions& retry) {
  section.Bool("enabled", retry.enabled);
  section.Duration("initial_interval", retry.initial_interval);
  section.Number("randomization_factor", retry.randomization_factor, 0, 1);
  section.Number("multiplier", retry.multiplier, 1, 1'000);
  section.Duration("max_interval", retry.max_interval);
  section.Duration("max_elapsed_time", retry.max_elapsed_time);
  if (!retry.enabled || retry.max_elapsed_time.count() == 0) return;
  if (retry.max_elapsed_time < retry.initial_interval ||
      retry.max_elapsed_time < retry.max_interval) {
    section.Report("max_elapsed_time", DiagnosticCode::kConflict,
                   "`max_elapsed_time` is below `initial_interval` or `max_interval`",
                   "0 tries for ever");
  }
}

// exporters.*: the form of the message, with our own keys.
void DescribeForm(Section& section, WireForm& form) {
  enum class References : uint8_t { kInline, kReference };
  static constexpr Section::Choice<References> kReferences[] = {
      {References::kInline, "inline"}, {References::kReference, "reference"}};
  References references = form.attribute_references ? References::kReference : References::kInline;
  section.Enum("attribute_references", references, kReferences);
  form.attribute_references = references == References::kReference;
  using RowOrder = WireForm::RowOrder;
  static constexpr Section::Choice<RowOrder> kRowOrders[] = {
      {RowOrder::kAuto, "auto"}, {RowOrder::kByUse, "by_use"}, {RowOrder::kSorted, "sorted"}};
  section.Enum("row_order", form.row_order, kRowOrders);
  section.Bytes("max_request_bytes", form.max_request_bytes, 64 << 10);
  section.Always("compression_params", [&](Section& params) {
    // The Collector's -1 and our 0 both mean the codec's default.
    int level = form.level;
    params.Integer("level", level, -1, 22);
    form.level = level == -1 ? 0 : level;
    if (form.codec == Codec::kGzip && form.level > 9) {
      params.Report("level", DiagnosticCode::kBadValue, "gzip levels are 1 to 9");
    }
  });
}

// `choices` are the codecs of this exporter; `not_supported` names, between spaces, the ones only
// the Collector has.
void DescribeCompression(Section& section, std::span<const Section::Choice<Codec>> choices,
                         std::string_view not_supported, Codec& codec) {
  std::string name;
  for (const Section::Choice<Codec>& choice : choices) {
    if (name.empty() && choice.value == codec) name = choice.name;
  }
  section.Text("compression", name);
  std::string known;
  for (const Section::Choice<Codec>& choice : choices) {
    if (choice.name == name || (name.empty() && choice.value == Codec::kNone)) {
      codec = choice.value;
      return;
    }
    known += fmt::format("{}{}", known.empty() ? "" : ", ", choice.name);
  }
  const bool foreign =
      fmt::format(" {} ", not_supported).find(fmt::format(" {} ", name)) != std::string::npos;
  section.Report("compression", foreign ? DiagnosticCode::kNotSupported : DiagnosticCode::kBadValue,
                 foreign ? fmt::format("compression `{}` is not supported yet here", name)
                         : fmt::format("`{}` is no choice for `compression`", name),
                 fmt::format("one of {}", known));
}

void DescribeForeignClientKeys(Section& section) {
  section.Unsupported("auth", "put a fixed token into `headers` meanwhile");
  section.Unsupported("middlewares", "");
  section.Ignored("read_buffer_size", "");
  section.Ignored("write_buffer_size", "");
}

void CheckHeaders(Section& section, const Section::TextPairs& headers) {
  for (const auto& [name, value] : headers) {
    bool good = !name.empty() && name[0] != ':';
    for (const char c : name) good = good && c > ' ' && c < 0x7f && c != ':' && c != '"';
    good = good && value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
    if (good) continue;
    section.Report("headers", DiagnosticCode::kBadValue,
                   fmt::format("header `{}` is not valid in HTTP", name),
                   "no spaces or colons in names, no line ends in values");
  }
}

void CheckGrpcEndpoint(Section& section, const OtlpGrpcExporterOptions& grpc) {
  if (grpc.endpoint.empty()) {
    section.Report("endpoint", DiagnosticCode::kMissing, "an otlp_grpc exporter needs `endpoint`");
    return;
  }
  const std::optional<EndpointText> endpoint = SplitEndpoint(grpc.endpoint);
  const bool port_known = endpoint && (endpoint->has_port || endpoint->scheme == "https" ||
                                       endpoint->scheme == "http" || endpoint->scheme == "unix");
  const bool path = endpoint && endpoint->scheme != "unix" && endpoint->path.size() > 1;
  if (!port_known || path || (endpoint->has_port && endpoint->port == 0)) {
    const std::string_view why = path ? ": it has a path" : endpoint ? ": it lacks a port" : "";
    section.Report("endpoint", DiagnosticCode::kBadValue,
                   fmt::format("`endpoint` is no gRPC target{}", why),
                   "host:port, https://host:port, dns:///host:port or unix:///path");
  } else if (endpoint->scheme == "https" && grpc.tls.insecure) {
    section.Report("endpoint", DiagnosticCode::kConflict,
                   "`https://` and `tls.insecure: true` contradict each other");
  }
}

void DescribeGrpc(Section& section, OtlpGrpcExporterOptions& grpc) {
  section.Text("endpoint", grpc.endpoint);
  static constexpr Section::Choice<Codec> kCodecs[] = {{Codec::kGzip, "gzip"},
                                                       {Codec::kZstd, "zstd"},
                                                       {Codec::kSnappy, "snappy"},
                                                       {Codec::kNone, "none"}};
  DescribeCompression(section, kCodecs, "zlib deflate lz4 x-snappy-framed", grpc.wire_form.codec);
  DescribeForm(section, grpc.wire_form);
  section.Duration("timeout", grpc.timeout);
  section.Headers("headers", grpc.headers);
  CheckHeaders(section, grpc.headers);
  section.Text("authority", grpc.authority);
  section.Text("user_agent", grpc.user_agent);
  // Off unless the block is there; then the Collector's 10 s hold.
  const bool pings = grpc.keepalive_time.count() > 0;
  section.Child("keepalive", pings ? Section::Presence::kPresent : Section::Presence::kAbsent,
                [&](Section& keepalive) {
                  if (!pings) grpc.keepalive_time = std::chrono::seconds(10);
                  keepalive.Duration("time", grpc.keepalive_time);
                  keepalive.Duration("timeout", grpc.keepalive_timeout);
                  keepalive.Ignored("permit_without_stream",
                                    "pings are sent while a call waits only");
                });
  section.Always("tls", [&](Section& tls) { DescribeTlsClient(tls, grpc.tls); });
  CheckGrpcEndpoint(section, grpc);
  section.Ignored("balancer_name", "each consumer keeps one connection to the first address");
  section.Ignored("wait_for_ready", "");
  DescribeForeignClientKeys(section);
}

void DescribeHttpUrl(Section& section, OtlpHttpExporterOptions& http) {
  std::string endpoint;
  if (section.Has("endpoint")) section.Text("endpoint", endpoint);
  section.Ignored("endpoint", "");  // known, also when it is not there
  section.Text("profiles_endpoint", http.profiles_endpoint);
  const bool derived = http.profiles_endpoint.empty() && !endpoint.empty();
  const std::string_view key = derived ? "endpoint" : "profiles_endpoint";
  if (derived) {
    while (endpoint.ends_with('/')) endpoint.pop_back();
    http.profiles_endpoint = endpoint + std::string(kProfilesPath);
  }
  if (http.profiles_endpoint.empty()) {
    section.Report("endpoint", DiagnosticCode::kMissing,
                   "an otlp_http exporter needs `endpoint` or `profiles_endpoint`");
    return;
  }
  const std::optional<EndpointText> url = SplitEndpoint(http.profiles_endpoint);
  if (url && (url->scheme == "http" || url->scheme == "https")) return;
  section.Report(key, DiagnosticCode::kBadValue, fmt::format("`{}` is no URL", key),
                 "http://host:4318 or https://host");
}

void DescribeHttp(Section& section, OtlpHttpExporterOptions& http) {
  DescribeHttpUrl(section, http);
  // `snappy` over HTTP means raw blocks to some peers and frames to others: not offered.
  static constexpr Section::Choice<Codec> kCodecs[] = {
      {Codec::kGzip, "gzip"}, {Codec::kZstd, "zstd"}, {Codec::kNone, "none"}};
  DescribeCompression(section, kCodecs, "snappy x-snappy-framed zlib deflate lz4",
                      http.wire_form.codec);
  DescribeForm(section, http.wire_form);
  section.Duration("timeout", http.timeout);
  section.Headers("headers", http.headers);
  CheckHeaders(section, http.headers);
  section.Always("tls", [&](Section& tls) { DescribeTlsClient(tls, http.tls); });

  enum class Encoding : uint8_t { kProto, kJson };
  static constexpr Section::Choice<Encoding> kEncodings[] = {{Encoding::kProto, "proto"},
                                                             {Encoding::kJson, "json"}};
  Encoding encoding = Encoding::kProto;
  section.Enum("encoding", encoding, kEncodings);
  if (encoding == Encoding::kJson) {
    section.Report("encoding", DiagnosticCode::kNotSupported, "sending JSON is not supported yet",
                   "remove it: proto is the default");
  }
  section.Unsupported("proxy_url", "");
  section.Ignored("cookies", "cookies are not kept");
  section.Ignored("disable_keep_alives", "each consumer keeps its connection");
  for (const std::string_view key :
       {"max_idle_conns", "max_idle_conns_per_host", "max_conns_per_host", "idle_conn_timeout",
        "force_attempt_http2", "http2_read_idle_timeout", "http2_ping_timeout", "keepalive",
        "traces_endpoint", "metrics_endpoint", "logs_endpoint"}) {
    section.Ignored(key, "");
  }
  DescribeForeignClientKeys(section);
}

void DescribeRotation(Section& section, FileExporterOptions& file) {
  constexpr size_t kDefaultMegabytes = 100;
  // Printing is for a configuration that rotates; reading starts from none, where the Collector's
  // defaults hold.
  size_t megabytes =
      file.rotation_max_bytes == 0 ? kDefaultMegabytes : file.rotation_max_bytes >> 20;
  section.Integer("max_megabytes", megabytes, 1, 1 << 30);
  file.rotation_max_bytes = megabytes << 20;
  section.Integer("max_days", file.rotation_max_days);
  section.Integer("max_backups", file.rotation_max_backups);
  section.Bool("localtime", file.rotation_localtime);
}

void DescribeFile(Section& section, FileExporterOptions& file) {
  using Layout = FileExporterOptions::Layout;
  static constexpr Section::Choice<Layout> kLayouts[] = {
      {Layout::kLengthPrefixed, "length_prefixed"},
      {Layout::kOneRequestPerFile, "one_request_per_file"}};
  enum class Format : uint8_t { kProto, kJson };
  static constexpr Section::Choice<Format> kFormats[] = {{Format::kProto, "proto"},
                                                         {Format::kJson, "json"}};
  section.Text("path", file.path);
  if (file.path.empty()) {
    section.Report("path", DiagnosticCode::kMissing, "a file exporter needs `path`");
  }
  Format format = Format::kProto;
  section.Enum("format", format, kFormats);
  if (format == Format::kJson) {
    section.Report("format", DiagnosticCode::kNotSupported, "writing JSON is not supported yet",
                   "use `format: proto`");
  } else if (!section.Has("format")) {
    section.Report("format", DiagnosticCode::kAdapted,
                   "files are written as proto; the Collector's default is json",
                   "say `format: proto`");
  }
  section.Enum("layout", file.layout, kLayouts);
  static constexpr Section::Choice<Codec> kCodecs[] = {{Codec::kZstd, "zstd"},
                                                       {Codec::kNone, "none"}};
  DescribeCompression(section, kCodecs, "gzip snappy", file.wire_form.codec);
  DescribeForm(section, file.wire_form);
  section.Child(
      "rotation",
      file.rotation_max_bytes > 0 ? Section::Presence::kPresent : Section::Presence::kAbsent,
      [&](Section& rotation) { DescribeRotation(rotation, file); });
  section.Unsupported("encoding", "encoding extensions do not exist here");
  section.Unsupported("group_by", "");
  section.Ignored("append", "files are always appended to");
  section.Ignored("flush_interval", "");
  section.Ignored("create_directory", "missing folders are created");
  section.Ignored("directory_permissions", "the process's umask holds");
}

void DescribeDebug(Section& section, DebugExporterOptions& debug) {
  using Verbosity = DebugExporterOptions::Verbosity;
  static constexpr Section::Choice<Verbosity> kVerbosities[] = {{Verbosity::kBasic, "basic"},
                                                                {Verbosity::kNormal, "normal"},
                                                                {Verbosity::kDetailed, "detailed"}};
  section.Enum("verbosity", debug.verbosity, kVerbosities);
  section.Ignored("sampling_initial", "every batch is shown");
  section.Ignored("sampling_thereafter", "every batch is shown");
  section.Ignored("use_internal_logger", "");
  section.Ignored("output_paths", "it writes to the standard error stream");
}

}  // namespace

std::optional<ExporterConfig> DefaultExporter(std::string_view type) {
  ExporterConfig exporter;
  if (type == "otlp_grpc" || type == "otlp") {
    exporter.options = OtlpGrpcExporterOptions();
  } else if (type == "otlp_http" || type == "otlphttp") {
    exporter.options = OtlpHttpExporterOptions();
  } else {
    exporter.queue.num_consumers = 1;  // one file, one terminal: batches keep their order
    if (type == "file") {
      exporter.options = FileExporterOptions();
    } else if (type == "debug") {
      exporter.options = DebugExporterOptions();
    } else if (type == "nop") {
      exporter.options = NopExporterOptions();
    } else {
      return std::nullopt;
    }
  }
  return exporter;
}

void DescribeExporter(Section& section, Coalesce coalesce, ExporterConfig& exporter) {
  if (auto* grpc = std::get_if<OtlpGrpcExporterOptions>(&exporter.options)) {
    DescribeGrpc(section, *grpc);
  } else if (auto* http = std::get_if<OtlpHttpExporterOptions>(&exporter.options)) {
    DescribeHttp(section, *http);
  } else if (auto* file = std::get_if<FileExporterOptions>(&exporter.options)) {
    DescribeFile(section, *file);
  } else if (auto* debug = std::get_if<DebugExporterOptions>(&exporter.options)) {
    DescribeDebug(section, *debug);
  }
  section.Always("retry_on_failure", [&](Section& child) { DescribeRetry(child, exporter.retry); });
  section.Always("sending_queue",
                 [&](Section& child) { DescribeQueue(child, coalesce, exporter); });
}

}  // namespace flameway
