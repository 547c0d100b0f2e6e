// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "processor/symbols/frame_filter.h"
#include "processor/symbols/symbol_normalizer.h"
#include "processor/transform/transform.h"

namespace flameway {

// What becomes of Function.system_name when a name changes and it is empty. A filled one stays.
enum class SystemName : uint8_t {
  // The mangled name a name was made from, without the suffixes of clones. What other rules make
  // equal stays equal: an original kept on each row would keep them apart.
  kMangled,
  kOriginal,  // whatever the name was; rows then differ where their originals did
  kLeave,
};

struct NormalizeSymbolsOptions {
  SystemName system_name = SystemName::kMangled;
  // Names, and as many paths, remembered across batches; about 200 bytes each.
  size_t memo_names = size_t{1} << 17;
};

// The processor `symbols`: names and paths by the rules of docs/symbols.md, and frames filtered by
// their names. A name met before costs a hash and a probe.
class NormalizeSymbols final : public Transform {
 public:
  // Compiled once, shared by the chains of all threads. `frames` null: no stack loses a frame.
  NormalizeSymbols(std::shared_ptr<const SymbolNormalizer> normalizer,
                   std::shared_ptr<const FrameFilter> frames,
                   const NormalizeSymbolsOptions& options);

  [[nodiscard]] TransformHooks hooks() const override;
  RowVerdict OnMapping(MappingRow& row) override;
  RowVerdict OnFunction(FunctionRow& row, const FrameAround& around,
                        std::string& learnt_type) override;
  RowVerdict OnLocation(LocationRow& row) override;
  FrameMarks JudgeFrame(const LocationRow& row) override;
  bool SelectFrames(std::span<const StackFrame> stack, std::vector<uint32_t>& kept) override;

 private:
  // Results by what they were asked for, in two generations: when the young one has half of what is
  // allowed it becomes the old one, and what is not asked for again is forgotten.
  class Memo {
   public:
    explicit Memo(size_t limit) : half_(limit / 2) {}
    // Null when it is not known; else until the next call of either.
    [[nodiscard]] const NormalizedName* Find(std::string_view text, FrameType type);
    // For what Find was asked last.
    const NormalizedName& Add(NormalizedName name);

   private:
    using Names = absl::flat_hash_map<std::string, NormalizedName>;
    size_t half_;
    Names young_, old_;
    std::string key_;  // the type's byte and the text
  };

  const NormalizedName& NameOf(const FunctionName& function);
  const NormalizedName& PathOf(std::string_view path, FrameType type);

  std::shared_ptr<const SymbolNormalizer> normalizer_;
  std::shared_ptr<const FrameFilter> frames_;
  SystemName system_name_;
  Memo names_, paths_;
  NormalizedName unremembered_;
  std::vector<JudgedFrame> judged_;
};

}  // namespace flameway
