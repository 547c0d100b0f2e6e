// SPDX-License-Identifier: Apache-2.0
#include "bridge/observe/log.h"

#include <chrono>
#include <ctime>
#include <optional>
#include <utility>

#include "bridge/observe/json_text.h"
#include "fmt/format.h"
#include "spdlog/logger.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace flameway {
namespace {

constexpr std::string_view kLevelNames[] = {"debug", "info", "warn", "error"};

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err};
  return kLevels[static_cast<size_t>(level)];
}

std::string Timestamp(std::chrono::system_clock::time_point now) {
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  const std::time_t seconds = since_epoch.count() / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     since_epoch.count() % 1000);
}

void AppendMember(std::string_view key, std::string_view text, std::string* out) {
  if (out->back() != '{') *out += ", ";
  AppendJsonString(key, out);
  *out += ": ";
  AppendJsonString(text, out);
}

void AppendMember(std::string_view key, int64_t number, std::string* out) {
  if (out->back() != '{') *out += ", ";
  AppendJsonString(key, out);
  *out += ": ";
  *out += std::to_string(number);
}

void AppendFields(Log::Fields fields, uint64_t left_out, std::string* out) {
  for (const LogField& field : fields) {
    std::visit([&](const auto& value) { AppendMember(field.key, value, out); }, field.value);
  }
  if (left_out > 0) AppendMember("left_out", static_cast<int64_t>(left_out), out);
}

}  // namespace

Log::Log(LogOptions options) : options_(std::move(options)) {
  auto sink = options_.sink;
  if (sink == nullptr) sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_pattern("%v");
  logger_ = std::make_unique<spdlog::logger>("flameway", std::move(sink));
  logger_->set_level(spdlog::level::debug);
  logger_->flush_on(spdlog::level::debug);
}

Log::~Log() = default;

void Log::Write(LogLevel level, std::string_view message, Fields fields) {
  if (Wants(level)) WriteLine(level, message, fields, 0);
}

void Log::WriteLimited(LogLevel level, std::string_view message, std::string_view about,
                       Fields fields) {
  if (!Wants(level)) return;
  std::string key(message);
  key += '\0';
  key += about;
  std::optional<uint64_t> left_out;
  {
    const MutexLock lock(mutex_);
    left_out = rate_limit_.Pass(key, std::chrono::steady_clock::now());
  }
  if (left_out.has_value()) {
    WriteLine(level, message, fields, *left_out);
  } else {
    suppressed_.Add();
  }
}

void Log::WriteLine(LogLevel level, std::string_view message, Fields fields, uint64_t left_out) {
  const std::string time = Timestamp(std::chrono::system_clock::now());
  const std::string_view level_name = kLevelNames[static_cast<size_t>(level)];
  std::string line;
  if (options_.encoding == LogOptions::Encoding::kJson) {
    line += '{';
    AppendMember("ts", time, &line);
    AppendMember("level", level_name, &line);
    AppendMember("msg", message, &line);
    AppendFields(fields, left_out, &line);
    line += '}';
  } else {
    line = fmt::format("{}\t{}\t", time, level_name);
    AppendJsonText(message, &line);
    if (fields.size() > 0 || left_out > 0) {
      line += "\t{";
      AppendFields(fields, left_out, &line);
      line += '}';
    }
  }
  logger_->log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace flameway
