// SPDX-License-Identifier: Apache-2.0
// One event, one line. Line grammars, both UTF-8 with every control character and broken byte
// escaped:
//   console  2026-01-31T12:00:00.000Z <TAB> warn <TAB> message <TAB> {"key": "value", "count": 3}
//   json     {"ts": "2026-01-31T12:00:00.000Z", "level": "warn", "msg": "message", "key": "value",
//   "count": 3}
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "bridge/observe/counter.h"
#include "bridge/observe/mutex.h"
#include "bridge/observe/rate_limit.h"

namespace spdlog {
class logger;
namespace sinks {
class sink;
}  // namespace sinks
}  // namespace spdlog

namespace flameway {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarn, kError };

struct LogOptions {
  enum class Encoding : uint8_t { kConsole, kJson };
  LogLevel level = LogLevel::kInfo;
  Encoding encoding = Encoding::kConsole;
  std::shared_ptr<spdlog::sinks::sink>
      sink;  // null: stderr. Shared because spdlog shares its sinks
};

// Looks at what it is given; lives as long as the call it is passed to.
struct LogField {
  LogField(std::string_view field_key, std::string_view text) : key(field_key), value(text) {}
  LogField(std::string_view field_key, std::integral auto number)
      : key(field_key), value(static_cast<int64_t>(number)) {}

  std::string_view key;
  std::variant<std::string_view, int64_t> value;
};

// Any thread; a line costs a lock in the sink and a write to it. Never put request payload into a
// line.
class Log {
 public:
  using Fields = std::initializer_list<LogField>;

  explicit Log(LogOptions options);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void Write(LogLevel level, std::string_view message, Fields fields = {});
  // For what may repeat: at most one line per message, `about` (say, an exporter's name) and
  // second. The next line tells how many were left out.
  void WriteLimited(LogLevel level, std::string_view message, std::string_view about,
                    Fields fields = {});

  [[nodiscard]] const Counter& suppressed() const { return suppressed_; }

 private:
  void WriteLine(LogLevel level, std::string_view message, Fields fields, uint64_t left_out);
  [[nodiscard]] bool Wants(LogLevel level) const { return level >= options_.level; }

  const LogOptions options_;
  std::unique_ptr<spdlog::logger> logger_;
  Counter suppressed_;
  Mutex mutex_;
  RateLimit rate_limit_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace flameway
