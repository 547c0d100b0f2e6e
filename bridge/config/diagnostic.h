// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/config/config_node.h"

namespace flameway {

enum class DiagnosticCode : uint8_t {
#define FLAMEWAY_DIAGNOSTIC(name, code, meaning) name,
#include "bridge/config/diagnostic_codes.def"
#undef FLAMEWAY_DIAGNOSTIC
};

enum class Severity : uint8_t { kWarning, kError };

[[nodiscard]] std::string_view CodeText(DiagnosticCode code);  // "E0104"
[[nodiscard]] std::string_view CodeMeaning(DiagnosticCode code);
[[nodiscard]] Severity SeverityOf(DiagnosticCode code);
[[nodiscard]] std::span<const DiagnosticCode> AllDiagnosticCodes();

// One finding, complete in itself: it needs no source to be shown.
struct Diagnostic {
  DiagnosticCode code = DiagnosticCode::kUnknownKey;
  std::string message;     // one line, without code and place
  Origin origin;           // unknown for what is missing as a whole
  std::string source;      // name of the source of `origin`, or of the whole finding
  std::string excerpt;     // the line of `origin`, clipped, without control characters
  int excerpt_column = 0;  // 1-based place of the caret in `excerpt`
  int caret_length = 0;    // 0: no caret
  std::string hint;        // beside the caret: "did you mean `endpoint`?"
  std::string overrides;   // "base.yaml:3:5" when the value replaced one of an earlier source
  std::string path;        // "exporters.otlp_grpc.tls", for the documentation line
};

enum class ColorMode : uint8_t { kPlain, kAnsi };

// All findings in the shape of compiler messages, in the order given, one empty line between them.
// "" for none.
[[nodiscard]] std::string FormatDiagnostics(std::span<const Diagnostic> diagnostics,
                                            ColorMode color);

[[nodiscard]] size_t CountErrors(std::span<const Diagnostic> diagnostics);

// Collects the findings of one load. Keeps a reference to the sources, which may still grow.
class DiagnosticLog {
 public:
  // A finding about the text at `origin`. `length` 0 measures the token that stands there.
  struct Finding {
    DiagnosticCode code;
    Origin origin;
    std::string message;
    std::string hint = {};
    std::string path = {};
    const ConfigNode* value = nullptr;  // its `overrides` is shown
    size_t length = 0;
  };
  explicit DiagnosticLog(const std::vector<SourceText>* sources) : sources_(sources) {}

  void Add(Finding finding);
  // Takes over a finding of another log.
  void Keep(Diagnostic diagnostic);
  // Sorted by position, equal findings once (an alias is read at each use). Leaves the log empty.
  [[nodiscard]] std::vector<Diagnostic> Take();
  [[nodiscard]] const std::vector<SourceText>& sources() const { return *sources_; }

 private:
  [[nodiscard]] bool IsFull(DiagnosticCode code) const;

  const std::vector<SourceText>* sources_;
  std::vector<Diagnostic> diagnostics_;
};

// "gateway.yaml:6:9"
[[nodiscard]] std::string OriginText(const Origin& origin, const std::vector<SourceText>& sources);

}  // namespace flameway
