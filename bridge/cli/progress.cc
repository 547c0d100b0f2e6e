// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/progress.h"

#include <algorithm>
#include <string>

#include "bridge/cli/quantity.h"
#include "fmt/format.h"

namespace flameway {
namespace {

constexpr std::chrono::milliseconds kRedraw{200};
constexpr std::chrono::milliseconds kNewLine{5'000};

}  // namespace

Progress::Progress(const Console& console)
    : console_(console),
      start_(Clock::now()),
      next_(start_ + (console.err_is_terminal() ? kRedraw : kNewLine)) {}

Progress::~Progress() {
  if (drawn_) console_.err() << "\r\x1b[K" << std::flush;
}

void Progress::Show(uint64_t done_bytes, uint64_t total_bytes) {
  if (!console_.shows_progress()) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double speed = static_cast<double>(done_bytes) / std::max(seconds, 1e-3);
  std::string line = FormatBytes(done_bytes);
  if (total_bytes > 0) {
    const uint64_t left = total_bytes - std::min(done_bytes, total_bytes);
    line = fmt::format("{}  {}/{}  eta {:.0f}s", FormatRatio(done_bytes, total_bytes), line,
                       FormatBytes(total_bytes), static_cast<double>(left) / std::max(speed, 1.0));
  }
  line += fmt::format("  {}/s", FormatBytes(static_cast<uint64_t>(speed)));
  Draw(line);
}

void Progress::ShowLine(const std::function<std::string()>& line) {
  const GlobalOptions& globals = console_.globals();
  const bool wanted =
      console_.shows_progress() || (!globals.quiet && globals.progress == When::kAuto &&
                                    !console_.err_is_terminal() && console_.Env("TERM") != "dumb");
  if (wanted && Clock::now() >= next_) Draw(line());
}

void Progress::Draw(const std::string& line) {
  const Clock::time_point now = Clock::now();
  if (console_.err_is_terminal()) {
    console_.err() << '\r' << line << "\x1b[K" << std::flush;
    drawn_ = true;
    next_ = now + kRedraw;
  } else {
    console_.err() << line << '\n';
    next_ = now + kNewLine;
  }
}

}  // namespace flameway
