// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/jvm_generated.h"

#include <cstddef>

#include "processor/symbols/characters.h"

namespace flameway {
namespace {

constexpr std::string_view kLambda = "$$Lambda";
// A name full of lambdas must not be read to its end for each; no JVM writes longer tails.
constexpr size_t kMaxTailBytes = 256;
constexpr std::string_view kLambdaForm = "LambdaForm$";

// A part of the name to leave out, and what is written instead.
struct Cut {
  size_t size = 0;
  std::string_view replacement = "_";
};

bool IsNameEnd(std::string_view text, size_t at) {
  return at == text.size() || !IsIdentifier(text[at]);
}

// Length of `0x` and hex digits at `from`, or 0.
size_t AddressLength(std::string_view text, size_t from) {
  if (!text.substr(from).starts_with("0x")) return 0;
  const size_t digits = RunLength(text, from + 2, IsHex);
  return digits == 0 ? 0 : digits + 2;
}

// What stands before the address of a hidden class: `+` inside the JVM, `/` in Java, `.` in JVMTI.
bool IsHiddenSeparator(char c) { return c == '.' || c == '/' || c == '+'; }

// What follows `$$Lambda`: `$4/1283928880`, `$8/0x0..`, `.0x..`, `/0x..`, `+0x..`, `$1.0x..`,
// `$lambda$wrap$2$2630016632.0x..`. The shape says which rule it is.
Cut LambdaTail(const RuleContext& context, std::string_view tail) {
  tail = tail.substr(0, kMaxTailBytes);
  size_t counter = 0;
  bool is_wrapped = false;
  if (tail.starts_with('$')) {
    counter = RunLength(tail, 0, [](char c) { return IsAlnum(c) || c == '$'; });
    is_wrapped = RunLength(tail, 1, IsDigit) != counter - 1;
    if (counter == 1 || !IsDigit(tail[counter - 1])) return {};
  }
  size_t end = counter;
  char separator = '\0';
  size_t address = 0;
  if (end < tail.size() && IsHiddenSeparator(tail[end])) {
    separator = tail[end];
    address = AddressLength(tail, end + 1);
    const size_t digits =
        address == 0 && separator == '/' ? RunLength(tail, end + 1, IsDigit) : address;
    if (digits > 0) end += 1 + digits;
    if (digits == 0) separator = '\0';
  }
  if (end == 0 || !IsNameEnd(tail, end)) return {};
  SymbolRule rule = SymbolRule::kLambdaCounter;
  if (is_wrapped) {
    rule = SymbolRule::kLambdaWrapped;
  } else if (counter == 0) {
    rule = SymbolRule::kLambdaAddress;
  } else if (separator == '.') {
    rule = SymbolRule::kLambdaDotted;
  } else if (address > 0) {
    rule = SymbolRule::kLambdaHidden;
  }
  return context.Has(rule) ? Cut{.size = end} : Cut{};
}

// What follows the kind in `LambdaForm$MH.0x00007f19f8003000`, `LambdaForm$DMH$12/1234`.
size_t LambdaFormTail(std::string_view tail) {
  size_t end = 0;
  if (tail.starts_with('$')) {
    const size_t digits = RunLength(tail, 1, IsDigit);
    if (digits > 0) end = 1 + digits;
  }
  if (end < tail.size() && IsHiddenSeparator(tail[end])) {
    const size_t address = AddressLength(tail, end + 1);
    const size_t digits =
        address == 0 && tail[end] == '/' ? RunLength(tail, end + 1, IsDigit) : address;
    if (digits > 0) end += 1 + digits;
  }
  return IsNameEnd(tail, end) ? end : 0;
}

// The length of what comes before the part to cut, when a generated class is named at `at`; the cut
// itself in `cut`.
class GeneratedClass {
 public:
  GeneratedClass(const RuleContext& context, std::string_view name)
      : context_(context), name_(name) {}

  // Looks at a `$` or a letter at `at`. Returns how much of the name is copied before the cut.
  size_t Find(size_t at, Cut& cut) const {
    const std::string_view rest = name_.substr(at);
    if (rest.starts_with(kLambda)) {
      cut = LambdaTail(context_, rest.substr(kLambda.size()));
      return kLambda.size();
    }
    if (rest.starts_with(kLambdaForm)) return Form(rest, cut);
    if (rest.starts_with("Generated")) return Accessor(at, rest, cut);
    if (rest.starts_with("$Proxy")) return Proxy(at, rest, cut);
    if (rest.starts_with("$$")) return Cglib(rest, cut);
    return Subclass(rest, cut);
  }

 private:
  size_t Form(std::string_view rest, Cut& cut) const {
    const size_t kind = kLambdaForm.size() + RunLength(rest, kLambdaForm.size(), [](char c) {
                          return IsLower(c) || IsUpper(c);
                        });
    if (kind == kLambdaForm.size() || !context_.Has(SymbolRule::kLambdaForm)) return 0;
    cut.size = LambdaFormTail(rest.substr(kind));
    return kind;
  }

  size_t Accessor(size_t at, std::string_view rest, Cut& cut) const {
    const std::string_view before = name_.substr(0, at);
    if (!context_.Has(SymbolRule::kReflectionAccessor) ||
        !(before.ends_with("reflect/") || before.ends_with("reflect."))) {
      return 0;
    }
    for (const std::string_view word : {"GeneratedMethodAccessor", "GeneratedConstructorAccessor",
                                        "GeneratedSerializationConstructorAccessor"}) {
      if (!rest.starts_with(word)) continue;
      cut.size = DigitsToNameEnd(rest, word.size());
      return word.size();
    }
    return 0;
  }

  size_t Proxy(size_t at, std::string_view rest, Cut& cut) const {
    const std::string_view before = name_.substr(0, at);
    if (!context_.Has(SymbolRule::kProxy)) return 0;
    if (!before.empty() && before.back() != '/' && before.back() != '.' && before.back() != ' ') {
      return 0;
    }
    if (context_.IsUntyped() && !EndsWithProxyPackage(before)) return 0;
    constexpr size_t kWord = std::string_view("$Proxy").size();
    cut.size = DigitsToNameEnd(rest, kWord);
    return kWord;
  }

  // The JDK's own packages cannot be mistaken: com.sun.proxy, jdk.proxy2.
  static bool EndsWithProxyPackage(std::string_view before) {
    if (!before.empty()) before.remove_suffix(1);
    for (int i = 0; i < 9 && !before.empty() && IsDigit(before.back()); ++i)
      before.remove_suffix(1);
    return before.ends_with("com/sun/proxy") || before.ends_with("com.sun.proxy") ||
           before.ends_with("jdk/proxy") || before.ends_with("jdk.proxy");
  }

  // `$$EnhancerBySpringCGLIB$$1234abcd`, `$$FastClassByCGLIB$$..`, `$$SpringCGLIB$$0`,
  // `$$SpringCGLIB$$FastClass$$1`
  size_t Cglib(std::string_view rest, Cut& cut) const {
    const size_t word = RunLength(rest, 2, IsAlnum);
    const std::string_view kind = rest.substr(2, word);
    if (!context_.Has(SymbolRule::kCglib) || !kind.ends_with("CGLIB") ||
        !rest.substr(2 + word).starts_with("$$")) {
      return 0;
    }
    size_t start = word + 4;
    constexpr std::string_view kFastClass = "FastClass$$";
    if (rest.substr(start).starts_with(kFastClass)) start += kFastClass.size();
    const size_t digits = RunLength(rest, start, IsLowerHex);
    if (digits > 0 && (IsNameEnd(rest, start + digits) || rest[start + digits] == '$')) {
      cut.size = digits;
    }
    return start;
  }

  size_t Subclass(std::string_view rest, Cut& cut) const {
    if (!context_.Has(SymbolRule::kByteBuddy)) return 0;
    for (const std::string_view word :
         {"$ByteBuddy$", "$MockitoMock$", "$HibernateProxy$", "$HibernateInstantiator$",
          "$HibernateAccessOptimizer$", "$auxiliary$"}) {
      if (!rest.starts_with(word)) continue;
      cut.size = RunLength(rest, word.size(), IsAlnum);
      if (rest.substr(word.size(), cut.size) == "auxiliary") cut.size = 0;  // the next to be found
      return word.size();
    }
    return 0;
  }

  static size_t DigitsToNameEnd(std::string_view rest, size_t from) {
    const size_t digits = RunLength(rest, from, IsDigit);
    return IsNameEnd(rest, from + digits) ? digits : 0;
  }

  const RuleContext& context_;
  std::string_view name_;
};

// B17: `/0x0000000800c01220`, `/1234`, `.0x00007f19f8000a08`, `+0x..` behind a class.
size_t HiddenSuffix(std::string_view rest) {
  size_t end = AddressLength(rest, 1);
  // perf writes `+0x1b` behind a function; the address of a class has sixteen digits.
  constexpr size_t kShortestAddress = 10;
  if (rest[0] == '+' && end < kShortestAddress) return 0;
  if (end == 0 && rest[0] == '/') end = RunLength(rest, 1, IsDigit);
  if (end == 0 || !IsNameEnd(rest, end + 1)) return 0;
  return end + 1;
}

}  // namespace

std::optional<std::string> WithoutGeneratedParts(const RuleContext& context,
                                                 std::string_view name) {
  const GeneratedClass generated(context, name);
  // A class the rules above know is theirs, also where they are off.
  const bool strips_hidden = context.Has(SymbolRule::kHiddenClass) &&
                             name.find(kLambda) == std::string_view::npos &&
                             name.find("LambdaForm") == std::string_view::npos;
  std::string out;
  size_t copied = 0;
  for (size_t i = 0; i < name.size();) {
    const char c = name[i];
    Cut cut;
    size_t before = 0;
    if (c == '$' || c == 'L' || c == 'G') {
      before = generated.Find(i, cut);
    } else if (IsHiddenSeparator(c) && strips_hidden && i > 0) {
      cut = {.size = HiddenSuffix(name.substr(i)), .replacement = ""};
    }
    if (cut.size == 0) {
      ++i;
      continue;
    }
    out += name.substr(copied, i + before - copied);
    out += cut.replacement;
    i += before + cut.size;
    copied = i;
  }
  if (copied == 0) return std::nullopt;
  out += name.substr(copied);
  return out;
}

}  // namespace flameway
