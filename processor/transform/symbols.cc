// SPDX-License-Identifier: Apache-2.0
#include "processor/transform/symbols.h"

#include <span>
#include <utility>

#include "processor/symbols/clone_suffix.h"
#include "processor/symbols/frame_type.h"

namespace flameway {
namespace {

FrameType TypeOf(std::string_view word) {
  return ParseFrameType(word).value_or(FrameType::kUnknown);
}

std::string_view TypeWordOf(const AttributeList& attributes) {
  const Attribute* const type = FindAttribute(attributes, "profile.frame.type");
  return type == nullptr ? std::string_view() : StringOf(type->value).value_or("");
}

bool IsMangled(std::string_view name) {
  return name.starts_with("_Z") || name.starts_with("__Z") || name.starts_with("_R");
}

std::string_view BuildIdOf(const MappingRow& mapping) {
  for (const std::string_view key :
       {"process.executable.build_id.gnu", "process.executable.build_id.go",
        "process.executable.build_id.htlhash"}) {
    const Attribute* const id = FindAttribute(mapping.attributes, key);
    if (id == nullptr) continue;
    if (const auto text = StringOf(id->value); text.has_value() && !text->empty()) return *text;
  }
  return {};
}

}  // namespace

const NormalizedName* NormalizeSymbols::Memo::Find(std::string_view text, FrameType type) {
  key_.assign(1, static_cast<char>(type));
  key_.append(text);
  if (const auto found = young_.find(key_); found != young_.end()) return &found->second;
  const auto found = old_.find(key_);
  if (found == old_.end()) return nullptr;
  return &Add(std::move(found->second));
}

const NormalizedName& NormalizeSymbols::Memo::Add(NormalizedName name) {
  if (young_.size() >= half_) {
    old_ = std::move(young_);
    young_.clear();
  }
  return young_.insert_or_assign(key_, std::move(name)).first->second;
}

NormalizeSymbols::NormalizeSymbols(std::shared_ptr<const SymbolNormalizer> normalizer,
                                   std::shared_ptr<const FrameFilter> frames,
                                   const NormalizeSymbolsOptions& options)
    : normalizer_(std::move(normalizer)),
      frames_(std::move(frames)),
      system_name_(options.system_name),
      names_(options.memo_names),
      paths_(options.memo_names) {}

TransformHooks NormalizeSymbols::hooks() const {
  return {.functions = true,
          .mappings = true,
          .locations = normalizer_->IsOn(SymbolRule::kKernelArea) ||
                       normalizer_->IsOn(SymbolRule::kLibraryName) ||
                       normalizer_->IsOn(SymbolRule::kAddressName),
          .stacks = frames_ == nullptr          ? StackHook::kNone
                    : frames_->SparesUnmarked() ? StackHook::kMarked
                                                : StackHook::kAll};
}

// What a name becomes depends on it and its type alone, but for those that take their name from
// elsewhere; these are rare and not remembered.
const NormalizedName& NormalizeSymbols::NameOf(const FunctionName& function) {
  if (function.name.empty() || function.name == "[unknown]") {
    unremembered_ = normalizer_->NormalizeFunctionName(function);
    return unremembered_;
  }
  if (const NormalizedName* const known = names_.Find(function.name, function.type)) return *known;
  return names_.Add(normalizer_->NormalizeFunctionName(function));
}

const NormalizedName& NormalizeSymbols::PathOf(std::string_view path, FrameType type) {
  if (const NormalizedName* const known = paths_.Find(path, type)) return *known;
  return paths_.Add({.text = normalizer_->NormalizeFileName(path, type)});
}

RowVerdict NormalizeSymbols::OnMapping(MappingRow& row) {
  std::optional<std::string> name = normalizer_->NormalizeMappingName(row.filename);
  if (!name.has_value()) return RowVerdict::kKeep;
  row.filename = *std::move(name);
  return RowVerdict::kChanged;
}

RowVerdict NormalizeSymbols::OnFunction(FunctionRow& row, const FrameAround& around,
                                        std::string& learnt_type) {
  const FrameType type = TypeOf(around.frame_type);
  RowVerdict verdict = RowVerdict::kKeep;
  const NormalizedName& name = NameOf({.name = row.name,
                                       .type = type,
                                       .file = row.filename,
                                       .start_line = row.start_line,
                                       .mapping_file = around.mapping_filename});
  if (name.learnt_type != FrameType::kAbsent) learnt_type = FrameTypeWord(name.learnt_type);
  if (name.text.has_value()) {
    const std::string before = std::exchange(row.name, *name.text);
    if (row.system_name.empty()) {
      if (system_name_ == SystemName::kOriginal) {
        row.system_name = before;
      } else if (system_name_ == SystemName::kMangled && IsMangled(before)) {
        const auto mangled =
            std::string_view(before).substr(0, LengthWithoutCloneSuffix(before, {}));
        // A clone whose name stays mangled is the function itself, and equal to it.
        if (mangled != row.name) row.system_name = mangled;
      }
    }
    verdict = RowVerdict::kChanged;
  }
  if (!row.filename.empty()) {
    if (const NormalizedName& path = PathOf(row.filename, type); path.text.has_value()) {
      row.filename = *path.text;
      verdict = RowVerdict::kChanged;
    }
  }
  return verdict;
}

RowVerdict NormalizeSymbols::OnLocation(LocationRow& row) {
  const FrameType type = TypeOf(TypeWordOf(row.attributes));
  RowVerdict verdict = RowVerdict::kKeep;
  const auto add = [&](std::string_view key, std::string_view text) {
    if (text.empty() || FindAttribute(row.attributes, key) != nullptr) return;
    row.attributes.push_back({.key = std::string(key), .value = StringValue(text)});
    verdict = RowVerdict::kChanged;
  };
  if (row.lines.empty() && row.mapping.has_value() && row.address != 0) {
    std::optional<std::string> name =
        normalizer_->NameOfAddress({.mapping_file = row.mapping->filename,
                                    .build_id = BuildIdOf(*row.mapping),
                                    .address = row.address,
                                    .type = type});
    if (name.has_value()) {
      row.lines.push_back({.function = {.name = *std::move(name)}});
      verdict = RowVerdict::kChanged;
    }
  }
  if (!row.lines.empty()) {
    add("kernel.area", normalizer_->KernelArea(row.lines.front().function.name, type));
  }
  if (row.mapping.has_value()) add("library", normalizer_->LibraryName(row.mapping->filename));
  return verdict;
}

FrameMarks NormalizeSymbols::JudgeFrame(const LocationRow& row) {
  const FrameType type = TypeOf(TypeWordOf(row.attributes));
  const std::string_view mapping =
      row.mapping.has_value() ? std::string_view(row.mapping->filename) : std::string_view();
  FrameMarks marks = 0;
  if (row.lines.empty()) {
    marks = frames_->Judge({.name = {}, .type = type, .mapping_file = mapping}).bits;
  }
  for (const LineRow& line : row.lines) {
    marks |=
        frames_->Judge({.name = line.function.name, .type = type, .mapping_file = mapping}).bits;
  }
  return marks;
}

bool NormalizeSymbols::SelectFrames(std::span<const StackFrame> stack,
                                    std::vector<uint32_t>& kept) {
  judged_.clear();
  for (const StackFrame& frame : stack) {
    judged_.push_back({.verdict = {.bits = frame.marks}, .identity = frame.identity});
  }
  return frames_->Select(judged_, kept) == StackDepth::kTruncated;
}

}  // namespace flameway
