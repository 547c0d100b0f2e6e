// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/diagnostic.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "fmt/format.h"

namespace flameway {
namespace {

// More findings than anyone reads; keeps hostile input from filling the memory with messages.
constexpr size_t kMaxDiagnostics = 200;
constexpr size_t kMaxExcerptBytes = 120;

struct CodeRow {
  std::string_view text;
  std::string_view meaning;
};

constexpr std::array kCodes = {
#define FLAMEWAY_DIAGNOSTIC(name, code, meaning) CodeRow{code, meaning},
#include "bridge/config/diagnostic_codes.def"
#undef FLAMEWAY_DIAGNOSTIC
};

constexpr std::array kAllCodes = {
#define FLAMEWAY_DIAGNOSTIC(name, code, meaning) DiagnosticCode::name,
#include "bridge/config/diagnostic_codes.def"
#undef FLAMEWAY_DIAGNOSTIC
};

std::string_view LineOf(std::string_view text, int line) {
  for (int i = 1; i < line; ++i) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find_first_of("\r\n"));
}

// Length of the scalar or key that starts `text`: up to its closing quote, or to what ends a plain
// scalar.
size_t TokenLength(std::string_view text) {
  if (text.empty()) return 1;
  if (text[0] == '"' || text[0] == '\'') {
    const size_t end = text.find(text[0], 1);
    return end == std::string_view::npos ? text.size() : end + 1;
  }
  size_t end = 0;
  int braces = 0;  // of ${...}, which may hold what ends a plain scalar
  for (; end < text.size(); ++end) {
    const char c = text[end];
    if (c == '{' && end > 0 && text[end - 1] == '$') ++braces;
    if (c == '}' && braces > 0) {
      --braces;
      continue;
    }
    if (braces > 0) continue;
    if (std::string_view(" \t,]}[{").find(c) != std::string_view::npos) break;
    if (c == ':' && (end + 1 == text.size() || text[end + 1] == ' ')) break;
  }
  return std::max<size_t>(end, 1);
}

// Terminal control characters in a file must not reach the terminal.
std::string Printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = c == '\t' ? ' ' : '?';
  }
  return out;
}

void SetExcerpt(std::string_view line, size_t length, Diagnostic& diagnostic) {
  size_t column = static_cast<size_t>(std::max(diagnostic.origin.column, 1)) - 1;
  column = std::min(column, line.size());
  if (length == 0) length = TokenLength(line.substr(column));
  size_t begin = 0;
  if (line.size() > kMaxExcerptBytes && column > kMaxExcerptBytes / 2) {
    begin = column - kMaxExcerptBytes / 2;
  }
  const std::string_view window = line.substr(begin, kMaxExcerptBytes);
  diagnostic.excerpt = Printable(window);
  diagnostic.excerpt_column = static_cast<int>(column - begin) + 1;
  const size_t room = window.size() - std::min(window.size(), column - begin);
  diagnostic.caret_length =
      static_cast<int>(std::clamp<size_t>(length, 1, std::max<size_t>(room, 1)));
}

// The escape sequences of one format, all empty without colour.
struct Paint {
  std::string_view error, warning, frame, bold, reset;
};

constexpr Paint kAnsi = {"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[1m", "\x1b[0m"};
constexpr Paint kPlain = {};

void AppendDiagnostic(const Diagnostic& d, const Paint& paint, std::string& out) {
  const bool error = SeverityOf(d.code) == Severity::kError;
  out += fmt::format("{}{}[{}]{}{}: {}{}\n", error ? paint.error : paint.warning,
                     error ? "error" : "warning", CodeText(d.code), paint.reset, paint.bold,
                     Printable(d.message), paint.reset);
  const std::string number = d.origin.known() ? fmt::format("{}", d.origin.line) : "";
  const std::string pad(number.size(), ' ');
  if (d.origin.known()) {
    out += fmt::format("{} {}-->{} {}:{}:{}", pad, paint.frame, paint.reset, d.source,
                       d.origin.line, d.origin.column);
    if (!d.overrides.empty()) out += fmt::format("   (overrides {})", d.overrides);
    out += '\n';
  } else if (!d.source.empty()) {
    out += fmt::format("{} {}-->{} {}\n", pad, paint.frame, paint.reset, d.source);
  }
  if (d.caret_length > 0) {
    const std::string indent(static_cast<size_t>(d.excerpt_column - 1), ' ');
    const std::string carets(static_cast<size_t>(d.caret_length), '^');
    out += fmt::format("{} {} |{}\n", paint.frame, pad, paint.reset);
    out += fmt::format("{} {} |{} {}\n", paint.frame, number, paint.reset, d.excerpt);
    out += fmt::format("{} {} |{} {}{}{}{}{}{}\n", paint.frame, pad, paint.reset, indent,
                       error ? paint.error : paint.warning, carets, d.hint.empty() ? "" : " ",
                       Printable(d.hint), paint.reset);
  } else if (!d.hint.empty()) {
    out += fmt::format("{}  = {}\n", pad, Printable(d.hint));
  }
  if (!d.path.empty()) {
    out += fmt::format("{}  = docs: docs/configuration.md, {}\n", pad, Printable(d.path));
  }
}

}  // namespace

std::string_view CodeText(DiagnosticCode code) { return kCodes[static_cast<size_t>(code)].text; }

std::string_view CodeMeaning(DiagnosticCode code) {
  return kCodes[static_cast<size_t>(code)].meaning;
}

Severity SeverityOf(DiagnosticCode code) {
  return CodeText(code)[0] == 'E' ? Severity::kError : Severity::kWarning;
}

std::span<const DiagnosticCode> AllDiagnosticCodes() { return kAllCodes; }

std::string FormatDiagnostics(std::span<const Diagnostic> diagnostics, ColorMode color) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!out.empty()) out += '\n';
    AppendDiagnostic(diagnostic, color == ColorMode::kAnsi ? kAnsi : kPlain, out);
  }
  return out;
}

size_t CountErrors(std::span<const Diagnostic> diagnostics) {
  return static_cast<size_t>(
      std::count_if(diagnostics.begin(), diagnostics.end(),
                    [](const Diagnostic& d) { return SeverityOf(d.code) == Severity::kError; }));
}

std::string OriginText(const Origin& origin, const std::vector<SourceText>& sources) {
  if (!origin.known() || static_cast<size_t>(origin.source) >= sources.size()) return {};
  return fmt::format("{}:{}:{}", sources[static_cast<size_t>(origin.source)].name, origin.line,
                     origin.column);
}

bool DiagnosticLog::IsFull(DiagnosticCode code) const {
  // Errors are never crowded out by notices.
  const bool warning = SeverityOf(code) == Severity::kWarning;
  return diagnostics_.size() >= (warning ? kMaxDiagnostics : 2 * kMaxDiagnostics);
}

void DiagnosticLog::Keep(Diagnostic diagnostic) {
  if (!IsFull(diagnostic.code)) diagnostics_.push_back(std::move(diagnostic));
}

void DiagnosticLog::Add(Finding finding) {
  if (IsFull(finding.code)) return;
  Diagnostic d;
  d.code = finding.code;
  d.message = std::move(finding.message);
  d.origin = finding.origin;
  d.hint = std::move(finding.hint);
  d.path = std::move(finding.path);
  if (finding.origin.source >= 0 && static_cast<size_t>(finding.origin.source) < sources_->size()) {
    const SourceText& source = (*sources_)[static_cast<size_t>(finding.origin.source)];
    d.source = source.name;
    if (finding.origin.known()) {
      SetExcerpt(LineOf(source.text, finding.origin.line), finding.length, d);
    }
  }
  if (finding.value != nullptr && finding.value->overrides) {
    d.overrides = OriginText(*finding.value->overrides, *sources_);
  }
  diagnostics_.push_back(std::move(d));
}

std::vector<Diagnostic> DiagnosticLog::Take() {
  const auto key = [](const Diagnostic& d) {
    // What has no place comes last: it is usually about the whole.
    return std::tuple(!d.origin.known(), d.origin, CodeText(d.code), std::string_view(d.message));
  };
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  diagnostics_.erase(
      std::unique(diagnostics_.begin(), diagnostics_.end(),
                  [&](const Diagnostic& a, const Diagnostic& b) { return key(a) == key(b); }),
      diagnostics_.end());
  return std::exchange(diagnostics_, {});
}

}  // namespace flameway
