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
#include "processor/model/fingerprint.h"
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
  // Names remembered across batches, about 150 bytes each.
  size_t memo_names = size_t{1} << 17;
  FingerprintSecret secret;  // of the memo's keys
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
  struct PrintHash {
    size_t operator()(const Fingerprint& print) const { return print.low; }
  };
  // Results by fingerprint, in two generations: when the young one has half of what is allowed it
  // becomes the old one, and what is not asked for again is forgotten.
  class Memo {
   public:
    Memo(size_t limit) : half_(limit / 2) {}
    [[nodiscard]] const NormalizedName* Find(const Fingerprint& print);
    const NormalizedName& Add(const Fingerprint& print, NormalizedName name);

   private:
    using Names = absl::flat_hash_map<Fingerprint, NormalizedName, PrintHash>;
    size_t half_;
    Names young_, old_;
  };

  const NormalizedName& NameOf(const FunctionName& function);
  const NormalizedName& PathOf(std::string_view path, FrameType type);

  std::shared_ptr<const SymbolNormalizer> normalizer_;
  std::shared_ptr<const FrameFilter> frames_;
  SystemName system_name_;
  Fingerprinter fingerprinter_;
  Memo names_, paths_;
  NormalizedName unremembered_;
  std::vector<JudgedFrame> judged_;
};

}  // namespace flameway
