// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/config/config_node.h"
#include "bridge/config/section.h"

namespace flameway {

// Writes the values of a block into a map, defaults included, so that reading the map gives the
// same values.
class SectionWriter final : public Section {
 public:
  enum class Secrets : uint8_t { kRedacted, kShown };
  // `node` must outlive the writer and becomes a map.
  SectionWriter(ConfigNode& node, Secrets secrets);

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
  [[nodiscard]] bool Has(std::string_view) const override { return false; }
  [[nodiscard]] Form FormOf(std::string_view) const override { return Form::kNothing; }
  void Unsupported(std::string_view, std::string_view) override {}
  void Ignored(std::string_view, std::string_view) override {}
  void Report(std::string_view, DiagnosticCode, std::string, std::string) override {}
  void ReportAt(std::span<const Step>, const std::optional<TextPlace>&, DiagnosticCode,
                std::string) override {}

 protected:
  void IntegerValue(std::string_view key, int64_t& value, int64_t min, int64_t max) override;
  void BytesValue(std::string_view key, uint64_t& value, uint64_t min) override;
  void ChoiceValue(std::string_view key, size_t& index,
                   std::span<const std::string> names) override;

 private:
  [[nodiscard]] ConfigNode TextNode(const std::string& text, Secrecy secrecy) const;

  ConfigNode& node_;
  Secrets secrets_;
};

}  // namespace flameway
