// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/config/config_node.h"
#include "bridge/config/section.h"

namespace flameway {

// Fills values from a map and reports all that is wrong with it. Remembers the keys it was asked
// for: the rest are unknown. Borrows node and log.
class SectionReader final : public Section {
 public:
  // `node` may be null for a block that is absent or empty. `anchor` is where findings about the
  // block itself point.
  SectionReader(const ConfigNode* node, Origin anchor, std::string path, DiagnosticLog& log);

  using Section::Report;
  using Section::Text;
  void Bool(std::string_view key, bool& value) override;
  void Number(std::string_view key, double& value, double min, double max) override;
  void Text(std::string_view key, std::string& value, Secrecy secrecy) override;
  void Duration(std::string_view key, std::chrono::milliseconds& value) override;
  void FineDuration(std::string_view key, std::chrono::nanoseconds& value) override;
  void Plain(std::string_view key, PlainValue& value) override;
  void TextList(std::string_view key, std::vector<std::string>& value) override;
  void Headers(std::string_view key, TextPairs& value) override;
  void Child(std::string_view key, Presence presence, Describe describe) override;
  size_t ChildList(std::string_view key, size_t count, DescribeItem describe) override;
  [[nodiscard]] bool Has(std::string_view key) const override;
  [[nodiscard]] Form FormOf(std::string_view key) const override;
  void Unsupported(std::string_view key, std::string_view why) override;
  void Ignored(std::string_view key, std::string_view why) override;
  void Report(std::string_view key, DiagnosticCode code, std::string message,
              std::string hint) override;
  void ReportAt(std::span<const Step> path, const std::optional<TextPlace>& inside,
                DiagnosticCode code, std::string message) override;

  // Reports the keys nobody asked for. Call once, last.
  void Finish();

 protected:
  void IntegerValue(std::string_view key, int64_t& value, int64_t min, int64_t max) override;
  void BytesValue(std::string_view key, uint64_t& value, uint64_t min) override;
  void ChoiceValue(std::string_view key, size_t& index,
                   std::span<const std::string> names) override;

 private:
  // The value of `key` if there is one to read: not absent, not null, and a scalar. Marks the key
  // as known.
  const ConfigNode* TakeScalar(std::string_view key, std::string_view wanted);
  const ConfigNode* Take(std::string_view key);
  void WrongType(std::string_view key, const ConfigNode& value, std::string_view wanted);
  // What the Collector reads as another number than we would; true when it was refused.
  bool RefuseOtherNumber(std::string_view key, const ConfigNode& value);
  void BadValue(std::string_view key, const ConfigNode& value, std::string message,
                std::string hint);
  [[nodiscard]] std::string PathOf(std::string_view key) const;

  const ConfigNode* node_;
  Origin anchor_;
  std::string path_;
  DiagnosticLog& log_;
  std::vector<std::string> known_;
};

// What a message may show of a scalar: nothing that came in by substitution, nothing long.
[[nodiscard]] std::string QuoteValue(const ConfigNode& node);

}  // namespace flameway
