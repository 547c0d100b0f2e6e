// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "bridge/config/diagnostic.h"

namespace flameway {

// One map of the configuration, seen through its keys. The grammar of each block is written once,
// as a function that names every key of the block on a Section; reading fills the values, printing
// takes them. So what is printed can be read again, and no key can exist in one direction only.
//
//   void DescribeRetry(Section& section, RetryOptions& retry) {
//     section.Bool("enabled", retry.enabled);
//     section.Duration("initial_interval", retry.initial_interval);
//   }
//
// Reading leaves a value alone whose key is absent or null, reports what is wrong and goes on.
class Section {
 public:
  enum class Secrecy : uint8_t { kPublic, kSecret };    // secret: printed redacted
  enum class Presence : uint8_t { kAbsent, kPresent };  // for printing; reading looks at the text
  using Describe = absl::FunctionRef<void(Section&)>;
  using DescribeItem = absl::FunctionRef<void(Section&, size_t index)>;
  using TextPairs = std::vector<std::pair<std::string, std::string>>;
  // A value whose type is the user's choice; the first: none.
  using PlainValue = std::variant<std::monostate, bool, int64_t, double, std::string>;
  // In what form a value was written, for keys that take several.
  enum class Form : uint8_t { kNothing, kScalar, kMap, kTexts, kMaps, kMixedList };
  // Keys and positions in lists, from this block down.
  using Step = std::variant<std::string, size_t>;
  // A position inside a text: `offset` in bytes; `line` and `column` from 1.
  struct TextPlace {
    size_t offset = 0;
    uint32_t line = 1;
    uint32_t column = 1;
  };

  template <typename E>
  struct Choice {
    E value;
    std::string_view name;  // several names for one value: the first is printed
  };

  virtual ~Section() = default;

  virtual void Bool(std::string_view key, bool& value) = 0;
  virtual void Number(std::string_view key, double& value, double min, double max) = 0;
  virtual void Text(std::string_view key, std::string& value, Secrecy secrecy) = 0;
  virtual void Duration(std::string_view key, std::chrono::milliseconds& value) = 0;
  virtual void FineDuration(std::string_view key, std::chrono::nanoseconds& value) = 0;
  // Nothing is printed for none.
  virtual void Plain(std::string_view key, PlainValue& value) = 0;
  virtual void TextList(std::string_view key, std::vector<std::string>& value) = 0;
  // A map of texts, or the list of {name, value} the Collector accepts too. Values are secret.
  virtual void Headers(std::string_view key, TextPairs& value) = 0;
  virtual void Child(std::string_view key, Presence presence, Describe describe) = 0;
  // A list of maps; `count` is for printing. Returns how many were read or printed.
  virtual size_t ChildList(std::string_view key, size_t count, DescribeItem describe) = 0;

  void Text(std::string_view key, std::string& value) { Text(key, value, Secrecy::kPublic); }

  template <std::integral T>
  void Integer(std::string_view key, T& value, int64_t min = 0,
               int64_t max = std::numeric_limits<int64_t>::max()) {
    auto wide = static_cast<int64_t>(value);
    if constexpr (sizeof(T) < sizeof(int64_t)) {
      max = std::min(max, static_cast<int64_t>(std::numeric_limits<T>::max()));
    }
    IntegerValue(key, wide, min, max);
    value = static_cast<T>(wide);
  }

  // Bytes, as a number or with a unit ("64MiB").
  void Bytes(std::string_view key, size_t& value, size_t min = 0) {
    uint64_t wide = value;
    BytesValue(key, wide, min);
    value = static_cast<size_t>(wide);
  }

  template <typename E, size_t N>
  void Enum(std::string_view key, E& value, const Choice<E> (&choices)[N]) {
    std::vector<std::string> names;
    size_t index = 0;
    for (size_t i = N; i-- > 0;) {
      if (choices[i].value == value) index = i;
    }
    for (const Choice<E>& choice : choices) names.emplace_back(choice.name);
    ChoiceValue(key, index, names);
    value = choices[index].value;
  }

  // A block whose mere presence, even as null, switches it on.
  template <typename T, typename F>
  void Optional(std::string_view key, std::optional<T>& value, F describe) {
    Child(key, value.has_value() ? Presence::kPresent : Presence::kAbsent, [&](Section& child) {
      if (!value) value.emplace();
      describe(child, *value);
    });
  }
  void Always(std::string_view key, Describe describe) { Child(key, Presence::kPresent, describe); }

  // Below: for reading only; printing does nothing.

  // Whether the user wrote a value other than null.
  [[nodiscard]] virtual bool Has(std::string_view key) const = 0;
  // Empty lists are kTexts.
  [[nodiscard]] virtual Form FormOf(std::string_view key) const = 0;
  // The key exists in the Collector, means something, and we cannot do it. Inert values (false,
  // null, empty, enabled: false) pass.
  virtual void Unsupported(std::string_view key, std::string_view why) = 0;
  // The key may stand here and changes nothing. With an empty `why` silently, else with a notice.
  virtual void Ignored(std::string_view key, std::string_view why) = 0;
  // A finding about the value of `key`, or about the block itself when the key is absent.
  virtual void Report(std::string_view key, DiagnosticCode code, std::string message,
                      std::string hint) = 0;
  void Report(std::string_view key, DiagnosticCode code, std::string message) {
    Report(key, code, std::move(message), {});
  }
  // A finding about what stands at `path`, or the deepest part of it that is there. `inside`: about
  // that place in its text, which is pointed at where it can be found in the source and else said.
  virtual void ReportAt(std::span<const Step> path, const std::optional<TextPlace>& inside,
                        DiagnosticCode code, std::string message) = 0;

 protected:
  virtual void IntegerValue(std::string_view key, int64_t& value, int64_t min, int64_t max) = 0;
  virtual void BytesValue(std::string_view key, uint64_t& value, uint64_t min) = 0;
  virtual void ChoiceValue(std::string_view key, size_t& index,
                           std::span<const std::string> names) = 0;
};

}  // namespace flameway
