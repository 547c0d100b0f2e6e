// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/itanium_demangler.h"

#include <llvm/Demangle/DemangleConfig.h>

// LLVM's demangler is a header meant to be set up by who includes it: ours lives in a namespace of
// its own, and its assertions, which input can reach, are off.
#undef DEMANGLE_NAMESPACE_BEGIN
#undef DEMANGLE_NAMESPACE_END
#undef DEMANGLE_ASSERT
#define DEMANGLE_NAMESPACE_BEGIN \
  namespace flameway {           \
  namespace itanium {
#define DEMANGLE_NAMESPACE_END \
  }                            \
  }
#define DEMANGLE_ASSERT(condition, message) static_cast<void>(0)
#include <llvm/Demangle/ItaniumDemangle.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "processor/symbols/characters.h"

namespace flameway {

namespace itanium {

// The header leaves this one to its user: `_3`, `__12_`, or, as an extension of old compilers,
// digits up to the end. Returns what is behind it; `first` where there is none.
const char* parse_discriminator(const char* first, const char* last) {
  const std::string_view text(first, static_cast<size_t>(last - first));
  if (text.empty()) return first;
  if (text[0] != '_') return RunLength(text, 0, IsDigit) == text.size() ? last : first;
  if (text.size() > 1 && IsDigit(text[1])) return first + 2;
  if (!text.starts_with("__")) return first;
  const size_t end = 2 + RunLength(text, 2, IsDigit);
  return end < text.size() && text[end] == '_' ? first + end + 1 : first;
}

}  // namespace itanium

namespace {

using itanium::Node;
using itanium::NodeArray;
using itanium::OutputBuffer;

constexpr uint32_t kMaxParseDepth = 512;  // about three for each nesting of templates
constexpr uint32_t kMaxUnseenNesting = 256;
constexpr uint32_t kMaxNodeDepth = 1024;
constexpr uint64_t kMaxPrintedBytes = 1 << 20;
// What one node prints besides its children and its own strings: punctuation and keywords.
constexpr uint64_t kNodeBytes = 8;
constexpr size_t kNodeAlignment = 16;
constexpr size_t kBlockBytes = 4096;

// An upper bound of what printing a node costs. It lies in front of the node. A reference to a
// template argument that comes later in the name (in conversion operators) has no weight until the
// end; so those are counted.
struct Weight {
  uint64_t bytes = kNodeBytes;
  uint64_t forward = 0;             // forward references printed
  uint64_t pack = 1;                // the longest pack below, which expansions repeat
  uint32_t depth = 1;               // of the tree, which printing recurses into
  uint32_t forward_expansions = 0;  // nested expansions around forward references
};
constexpr size_t kWeightBytes =
    (sizeof(Weight) + kNodeAlignment - 1) / kNodeAlignment * kNodeAlignment;

uint64_t Saturate(uint64_t value) { return std::min(value, kMaxPrintedBytes + 1); }

Weight& WeightOf(const Node* node) {
  auto* const bytes = reinterpret_cast<char*>(const_cast<Node*>(node));
  return *reinterpret_cast<Weight*>(bytes - kWeightBytes);
}

void Add(Weight& sum, const Node* child) {
  if (child == nullptr) return;
  const Weight& weight = WeightOf(child);
  sum.bytes = Saturate(sum.bytes + weight.bytes);
  sum.forward = Saturate(sum.forward + weight.forward);
  sum.pack = std::max(sum.pack, weight.pack);
  sum.depth = std::max(sum.depth, weight.depth + 1);
  sum.forward_expansions = std::max(sum.forward_expansions, weight.forward_expansions);
}

template <class Argument>
void AddArgument(Weight& sum, const Argument& argument) {
  if constexpr (std::is_same_v<Argument, NodeArray>) {
    for (const Node* child : argument) Add(sum, child);
  } else if constexpr (std::is_convertible_v<Argument, const Node*>) {
    Add(sum, argument);
  } else if constexpr (std::is_convertible_v<Argument, std::string_view>) {
    sum.bytes = Saturate(sum.bytes + std::string_view(argument).size());
  }
}

// "" is the first of its kind, "0" the second.
void PrintOrdinal(OutputBuffer& out, std::string_view count) {
  uint64_t ordinal = 1;
  if (!count.empty()) {
    ordinal = 0;
    for (const char digit : count.substr(0, 18)) {
      ordinal = ordinal * 10 + static_cast<uint64_t>(digit - '0');
    }
    ordinal += 2;
  }
  out += '#';
  out << static_cast<unsigned long long>(ordinal);
  out += '}';
}

class GnuClosureName final : public itanium::ClosureTypeName {
 public:
  GnuClosureName(NodeArray template_params, const Node* requires1, NodeArray params,
                 const Node* requires2, std::string_view count)
      : ClosureTypeName(template_params, requires1, params, requires2, count), count_(count) {}
  void printLeft(OutputBuffer& out) const override {
    out += "{lambda";
    printDeclarator(out);
    PrintOrdinal(out, count_);
  }

 private:
  std::string_view count_;
};

class GnuUnnamedName final : public itanium::UnnamedTypeName {
 public:
  explicit GnuUnnamedName(std::string_view count) : UnnamedTypeName(count), count_(count) {}
  void printLeft(OutputBuffer& out) const override {
    out += "{unnamed type";
    PrintOrdinal(out, count_);
  }

 private:
  std::string_view count_;
};

// Of the same kind as what it stands for, which the parser asks about.
class BareName final : public itanium::NameWithTemplateArgs {
 public:
  using NameWithTemplateArgs::NameWithTemplateArgs;
  void printLeft(OutputBuffer& out) const override { Name->print(out); }
};

class PlainSuffix final : public Node {
 public:
  PlainSuffix(const Node* prefix, std::string_view suffix)
      : Node(KDotSuffix), prefix_(prefix), suffix_(suffix) {}
  void printLeft(OutputBuffer& out) const override {
    prefix_->print(out);
    out += suffix_;
  }

 private:
  const Node* prefix_;
  std::string_view suffix_;
};

// Owns the nodes of one name. makeNode answers null, and from then on always, once a node would be
// too heavy; the parser takes that for an invalid name.
class WeighingAllocator {
 public:
  void reset() {}

  template <class T, class... Arguments>
  Node* makeNode(Arguments&&... arguments) {
    if (failed_) return nullptr;
    // The printed name has no such parts in the shorter forms, and they weigh nothing.
    if constexpr (std::is_same_v<T, itanium::NameWithTemplateArgs>) {
      if (detail_ == CppDetail::kName) return MakeBareName(arguments...);
    }
    if constexpr (std::is_same_v<T, itanium::FunctionEncoding>) {
      if (detail_ != CppDetail::kFull) return Second(arguments...);
    }
    Weight weight;
    (AddArgument<std::remove_cvref_t<Arguments>>(weight, arguments), ...);
    AdjustWeight<T>(weight, arguments...);
    auto* const node =
        Construct<typename Replacement<T>::type>(weight, std::forward<Arguments>(arguments)...);
    if constexpr (std::is_same_v<T, itanium::ForwardTemplateReference>) {
      if (node != nullptr) forward_.push_back(node);
    }
    return node;
  }

  void* allocateNodeArray(size_t count) { return Allocate(sizeof(Node*) * count); }

  void set_detail(CppDetail detail) { detail_ = detail; }
  [[nodiscard]] bool failed() const { return failed_; }

  // Whether `root` may be printed, now that forward references are resolved.
  [[nodiscard]] bool MayPrint(const Node* root) const {
    const Weight& weight = WeightOf(root);
    if (weight.forward == 0) return true;
    Weight target;
    for (const itanium::ForwardTemplateReference* reference : forward_) {
      if (reference->Ref == nullptr) return false;
      Add(target, reference->Ref);
    }
    if (target.forward != 0) return false;
    uint64_t bytes = weight.bytes + weight.forward * target.bytes;
    for (uint32_t i = 0; i < weight.forward_expansions && bytes <= kMaxPrintedBytes; ++i) {
      bytes *= std::max(weight.pack, target.pack);
    }
    return bytes <= kMaxPrintedBytes && weight.depth + target.depth <= kMaxNodeDepth;
  }

 private:
  template <class T>
  struct Replacement {
    using type = T;
  };

  template <class Made, class... Arguments>
  Made* Construct(const Weight& weight, Arguments&&... arguments) {
    if (weight.bytes > kMaxPrintedBytes || weight.depth > kMaxNodeDepth) {
      failed_ = true;
      return nullptr;
    }
    char* const memory = Allocate(kWeightBytes + sizeof(Made));
    new (memory) Weight(weight);
    return new (memory + kWeightBytes) Made(std::forward<Arguments>(arguments)...);
  }

  Node* MakeBareName(Node* name, Node* arguments) {
    Weight weight;
    Add(weight, name);
    return Construct<BareName>(weight, name, arguments);
  }

  template <class A, class B, class... Rest>
  static Node* Second(const A&, const B& node, const Rest&...) {
    return const_cast<Node*>(static_cast<const Node*>(node));
  }

  template <class T, class... Arguments>
  static void AdjustWeight(Weight& weight, const Arguments&... arguments) {
    if constexpr (std::is_same_v<T, itanium::ForwardTemplateReference>) weight.forward = 1;
    if constexpr (std::is_same_v<T, itanium::ParameterPack> ||
                  std::is_same_v<T, itanium::TemplateArgumentPack>) {
      (SetPack(weight, arguments), ...);
    }
    if constexpr (std::is_same_v<T, itanium::ParameterPackExpansion>) {
      weight.bytes = weight.bytes > kMaxPrintedBytes / weight.pack ? kMaxPrintedBytes + 1
                                                                   : weight.bytes * weight.pack;
      if (weight.forward != 0) ++weight.forward_expansions;
    }
  }
  static void SetPack(Weight& weight, const NodeArray& elements) {
    weight.pack = std::max<uint64_t>(weight.pack, elements.size());
  }

  char* Allocate(size_t size) {
    size = (size + kNodeAlignment - 1) / kNodeAlignment * kNodeAlignment;
    if (size > left_) {
      left_ = std::max(size, kBlockBytes);
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
      next_ = blocks_.back().get();
    }
    char* const memory = next_;
    next_ += size;
    left_ -= size;
    return memory;
  }

  CppDetail detail_ = CppDetail::kFull;
  bool failed_ = false;
  std::vector<const itanium::ForwardTemplateReference*> forward_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  alignas(kNodeAlignment) char inline_block_[kBlockBytes];  // enough for most names
  char* next_ = inline_block_;
  size_t left_ = kBlockBytes;
};

template <>
struct WeighingAllocator::Replacement<itanium::ClosureTypeName> {
  using type = GnuClosureName;
};
template <>
struct WeighingAllocator::Replacement<itanium::UnnamedTypeName> {
  using type = GnuUnnamedName;
};
template <>
struct WeighingAllocator::Replacement<itanium::DotSuffix> {
  using type = PlainSuffix;
};

// Each cycle of the grammar goes through one of the productions counted here, but for two that the
// header calls without asking its user: parameters of template template parameters (Tt, Tp) and
// arguments of vendor types (u1aI). Those are counted in the text beforehand, see MayNestUnseen.
class BoundedParser final
    : public itanium::AbstractManglingParser<BoundedParser, WeighingAllocator> {
 public:
  using Base = itanium::AbstractManglingParser<BoundedParser, WeighingAllocator>;
  using Base::Base;

  Node* parseType() {
    return Deeper([this] { return Base::parseType(); });
  }
  Node* parseQualifiedType() {
    return Deeper([this] { return Base::parseQualifiedType(); });
  }
  Node* parseExpr() {
    return Deeper([this] { return Base::parseExpr(); });
  }
  Node* parseBracedExpr() {
    return Deeper([this] { return Base::parseBracedExpr(); });
  }
  Node* parseTemplateArg() {
    return Deeper([this] { return Base::parseTemplateArg(); });
  }
  Node* parseTemplateParamDecl(TemplateParamList* params) {
    return Deeper([this, params] { return Base::parseTemplateParamDecl(params); });
  }
  Node* parseName(NameState* state = nullptr) {
    return Deeper([this, state] { return Base::parseName(state); });
  }
  Node* parseEncoding(bool parse_params = true) {
    return Deeper([this, parse_params] { return Base::parseEncoding(parse_params); });
  }

 private:
  template <class Production>
  Node* Deeper(Production parse) {
    if (depth_ == kMaxParseDepth) return nullptr;
    ++depth_;
    Node* const node = parse();
    --depth_;
    return node;
  }

  uint32_t depth_ = 0;
};

// Whether the text has so many of the two productions above that their recursion could be deep. In
// identifiers such pairs are no more than letters, but not in these numbers.
bool MayNestUnseen(std::string_view mangled) {
  uint32_t pairs = 0;
  for (size_t i = 0; i + 1 < mangled.size(); ++i) {
    const char next = mangled[i + 1];
    if (mangled[i] == 'T' && (next == 't' || next == 'p')) ++pairs;
    if (mangled[i] == 'u' && IsDigit(next)) ++pairs;
  }
  return pairs > kMaxUnseenNesting;
}

}  // namespace

std::optional<std::string> DemangleItanium(std::string_view mangled, CppDetail detail) {
  if (!mangled.starts_with("_Z") || MayNestUnseen(mangled)) return std::nullopt;
  BoundedParser parser(mangled.data(), mangled.data() + mangled.size());
  parser.ASTAllocator.set_detail(detail);
  const Node* const root = parser.parse();
  if (root == nullptr || parser.ASTAllocator.failed() || !parser.ASTAllocator.MayPrint(root)) {
    return std::nullopt;
  }
  OutputBuffer out;
  root->print(out);
  const std::unique_ptr<char, decltype(&std::free)> owner(out.getBuffer(), &std::free);
  return std::string(std::string_view(out));
}

}  // namespace flameway
