// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/rust_v0_demangler.h"

#include <cstddef>
#include <cstdint>

#include "processor/symbols/characters.h"
#include "processor/symbols/punycode.h"

namespace flameway {
namespace {

constexpr size_t kMaxOutputBytes = 64 << 10;
constexpr uint32_t kMaxDepth = 512;
constexpr uint32_t kMaxSteps = 200'000;  // a back reference can also double what prints nothing

// Generic arguments are `::<T>` in a value path and `<T>` in a type.
enum class PathPlace : uint8_t { kValue, kType };
// dyn Trait<T, Assoc = U> puts the last part into the angle brackets of the path.
enum class ClosingAngle : uint8_t { kPrint, kLeaveOpen };

// By lower-case letter; "" for letters that stand for no type.
constexpr std::string_view kBasicTypes[26] = {
    "i8",   "bool", "char", "f64", "str", "f32", "",    "u8", "isize", "usize", "",    "i32", "u32",
    "i128", "u128", "_",    "",    "",    "i16", "u16", "()", "...",   "",      "i64", "u64", "!"};

std::string_view BasicTypeName(char tag) {
  return IsLower(tag) ? kBasicTypes[static_cast<size_t>(tag - 'a')] : std::string_view();
}

// As Rust writes a character in quotes.
std::string QuotedCharacter(uint32_t value, std::string_view hex_digits) {
  const auto c = static_cast<char>(value);
  if (value == '\t') return "'\\t'";
  if (value == '\r') return "'\\r'";
  if (value == '\n') return "'\\n'";
  if (value == '\\' || value == '\'') return {'\'', '\\', c, '\''};
  if (value >= 0x20 && value <= 0x7E) return {'\'', c, '\''};
  return "'\\u{" + std::string(hex_digits) + "}'";
}

struct Identifier {
  std::string_view text;
  bool is_punycode = false;
};

// Prints while it parses; a first mistake ends both. Methods are named after the productions of
// the RFC.
class Printer {
 public:
  explicit Printer(std::string_view input) : input_(input) {}

  std::optional<std::string> Run() {
    Path(PathPlace::kValue);
    if (!failed_ && position_ != input_.size()) Silently([this] { Path(PathPlace::kValue); });
    if (failed_ || position_ != input_.size() || out_.empty()) return std::nullopt;
    return std::move(out_);
  }

 private:
  class Level {
   public:
    explicit Level(Printer& printer) : printer_(printer) {
      if (++printer_.depth_ > kMaxDepth || ++printer_.steps_ > kMaxSteps) printer_.failed_ = true;
    }
    ~Level() { --printer_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Printer& printer_;
  };

  // True if the path ends in angle brackets that were left open.
  bool Path(PathPlace place, ClosingAngle closing = ClosingAngle::kPrint) {
    const Level level(*this);
    switch (Next()) {
      case 'C':
        (void)Disambiguator('s');
        PrintIdentifier(ReadIdentifier());
        break;
      case 'M':
        ImplPath(place);
        Print("<");
        Type();
        Print(">");
        break;
      case 'X':
        ImplPath(place);
        AsTrait();
        break;
      case 'Y':
        AsTrait();
        break;
      case 'N':
        NestedPath(place);
        break;
      case 'I':
        return GenericPath(place, closing);
      case 'B': {
        bool is_open = false;
        BackReference([&] { is_open = Path(place, closing); });
        return is_open;
      }
      default:
        failed_ = true;
    }
    return false;
  }

  void AsTrait() {
    Print("<");
    Type();
    Print(" as ");
    Path(PathPlace::kType);
    Print(">");
  }

  void ImplPath(PathPlace place) {
    Silently([&] {
      (void)Disambiguator('s');
      Path(place);
    });
  }

  void NestedPath(PathPlace place) {
    const char space = Next();
    if (!IsLower(space) && !IsUpper(space)) failed_ = true;
    if (failed_) return;
    Path(place);
    const uint64_t disambiguator = Disambiguator('s');
    const Identifier identifier = ReadIdentifier();
    if (IsLower(space)) {
      if (identifier.text.empty()) return;
      Print("::");
      PrintIdentifier(identifier);
      return;
    }
    Print("::{");
    Print(space == 'C' ? "closure" : space == 'S' ? "shim" : std::string_view(&space, 1));
    if (!identifier.text.empty()) {
      Print(":");
      PrintIdentifier(identifier);
    }
    Print("#");
    Print(std::to_string(disambiguator));
    Print("}");
  }

  bool GenericPath(PathPlace place, ClosingAngle closing) {
    Path(place);
    Print(place == PathPlace::kValue ? "::<" : "<");
    List([this] { GenericArgument(); }, ", ");
    if (closing == ClosingAngle::kLeaveOpen) return true;
    Print(">");
    return false;
  }

  void GenericArgument() {
    if (Take('L')) {
      Lifetime(Base62());
    } else if (Take('K')) {
      Const();
    } else {
      Type();
    }
  }

  void Type() {
    const Level level(*this);
    const size_t start = position_;
    const char tag = Next();
    if (const std::string_view name = BasicTypeName(tag); !name.empty()) return Print(name);
    switch (tag) {
      case 'A':
        Print("[");
        Type();
        Print("; ");
        Const();
        return Print("]");
      case 'S':
        Print("[");
        Type();
        return Print("]");
      case 'T': {
        Print("(");
        const size_t count = List([this] { Type(); }, ", ");
        return Print(count == 1 ? ",)" : ")");
      }
      case 'R':
      case 'Q':
        Print("&");
        if (Take('L')) {
          if (const uint64_t lifetime = Base62(); lifetime != 0) {
            Lifetime(lifetime);
            Print(" ");
          }
        }
        if (tag == 'Q') Print("mut ");
        return Type();
      case 'P':
        Print("*const ");
        return Type();
      case 'O':
        Print("*mut ");
        return Type();
      case 'F':
        return FunctionType();
      case 'D':
        return DynType();
      case 'B':
        return BackReference([this] { Type(); });
      default:
        position_ = start;
        Path(PathPlace::kType);
    }
  }

  void FunctionType() {
    const uint64_t outer_lifetimes = lifetimes_;
    Binder();
    if (Take('U')) Print("unsafe ");
    if (Take('K')) {
      Print("extern \"");
      if (Take('C')) {
        Print("C");
      } else {
        const Identifier abi = ReadIdentifier();
        if (abi.is_punycode) failed_ = true;
        std::string text(abi.text);
        for (char& c : text) c = c == '_' ? '-' : c;
        Print(text);
      }
      Print("\" ");
    }
    Print("fn(");
    List([this] { Type(); }, ", ");
    Print(")");
    if (!Take('u')) {
      Print(" -> ");
      Type();
    }
    lifetimes_ = outer_lifetimes;
  }

  void DynType() {
    const uint64_t outer_lifetimes = lifetimes_;
    Print("dyn ");
    Binder();
    List([this] { DynTrait(); }, " + ");
    lifetimes_ = outer_lifetimes;
    if (!Take('L')) {
      failed_ = true;
    } else if (const uint64_t lifetime = Base62(); lifetime != 0) {
      Print(" + ");
      Lifetime(lifetime);
    }
  }

  void DynTrait() {
    bool is_open = Path(PathPlace::kType, ClosingAngle::kLeaveOpen);
    while (Take('p')) {
      Print(is_open ? ", " : "<");
      is_open = true;
      PrintIdentifier(ReadIdentifier());
      Print(" = ");
      Type();
    }
    if (is_open) Print(">");
  }

  void Binder() {
    const uint64_t count = Disambiguator('G');
    if (count == 0) return;
    // Each bound lifetime is used by at least one byte of a valid name.
    if (failed_ || count + lifetimes_ >= input_.size()) return Fail();
    Print("for<");
    for (uint64_t i = 0; i < count; ++i) {
      ++lifetimes_;
      if (i > 0) Print(", ");
      Lifetime(1);
    }
    Print("> ");
  }

  void Const() {
    const Level level(*this);
    const char tag = Next();
    switch (tag) {
      case 'p':
        return Print("_");
      case 'B':
        return BackReference([this] { Const(); });
      case 'b': {
        const std::string_view digits = HexDigits();
        if (digits != "0" && digits != "1") failed_ = true;
        return Print(digits == "0" ? "false" : "true");
      }
      case 'c':
        return CharConst();
      default:
        // Integers; the other types have no constants in names so far.
        if (std::string_view("ahstlmxynoij").find(tag) == std::string_view::npos) failed_ = true;
        return IntConst();
    }
  }

  void IntConst() {
    if (Take('n')) Print("-");
    const std::string_view digits = HexDigits();
    if (digits.size() > 16) {
      Print("0x");
      return Print(digits);
    }
    Print(std::to_string(HexValue(digits)));
  }

  void CharConst() {
    const std::string_view digits = HexDigits();
    if (digits.size() > 6) failed_ = true;
    if (failed_) return;
    Print(QuotedCharacter(static_cast<uint32_t>(HexValue(digits)), digits));
  }

  // 0 is the erased lifetime, others count binders from the inside out.
  void Lifetime(uint64_t index) {
    if (index == 0) return Print("'_");
    if (index > lifetimes_) return Fail();
    const uint64_t depth = lifetimes_ - index;
    std::string text = "'";
    if (depth < 26) {
      text.push_back(static_cast<char>('a' + depth));
    } else {
      text += "z" + std::to_string(depth - 25);
    }
    Print(text);
  }

  // Elements up to an `E`; returns how many there were.
  template <class Element>
  size_t List(Element element, std::string_view separator) {
    size_t count = 0;
    while (!failed_ && !Take('E')) {
      if (count++ > 0) Print(separator);
      element();
    }
    return count;
  }

  template <class Production>
  void BackReference(Production production) {
    const uint64_t target = Base62();
    if (failed_ || target >= position_) return Fail();
    if (is_silent_) return;
    const size_t resume_at = position_;
    position_ = static_cast<size_t>(target);
    production();
    position_ = resume_at;
  }

  template <class Production>
  void Silently(Production production) {
    const bool was_silent = is_silent_;
    is_silent_ = true;
    production();
    is_silent_ = was_silent;
  }

  Identifier ReadIdentifier() {
    Identifier identifier;
    identifier.is_punycode = Take('u');
    const uint64_t size = Decimal();
    (void)Take('_');
    if (failed_ || size > input_.size() - position_) {
      failed_ = true;
      return {};
    }
    identifier.text = input_.substr(position_, static_cast<size_t>(size));
    position_ += static_cast<size_t>(size);
    return identifier;
  }

  void PrintIdentifier(const Identifier& identifier) {
    if (!identifier.is_punycode) return Print(identifier.text);
    const size_t delimiter = identifier.text.rfind('_');
    const bool has_ascii = delimiter != std::string_view::npos;
    const std::optional<std::string> text =
        DecodePunycode(has_ascii ? identifier.text.substr(0, delimiter) : std::string_view(),
                       has_ascii ? identifier.text.substr(delimiter + 1) : identifier.text);
    if (!text) return Fail();
    Print(*text);
  }

  // 0 without the tag, else the number and one.
  uint64_t Disambiguator(char tag) { return Take(tag) ? Base62() + 1 : 0; }

  uint64_t Base62() {
    if (Take('_')) return 0;
    uint64_t value = 0;
    while (!failed_ && !Take('_')) {
      const char c = Next();
      uint64_t digit = 0;
      if (IsDigit(c)) {
        digit = static_cast<uint64_t>(c - '0');
      } else if (IsLower(c)) {
        digit = static_cast<uint64_t>(c - 'a') + 10;
      } else if (IsUpper(c)) {
        digit = static_cast<uint64_t>(c - 'A') + 36;
      } else {
        failed_ = true;
      }
      // Room for two more, so that adding one twice cannot wrap.
      if (value > (UINT64_MAX - 128) / 62) failed_ = true;
      value = value * 62 + digit;
    }
    return failed_ ? 0 : value + 1;
  }

  uint64_t Decimal() {
    if (!IsDigit(Peek())) failed_ = true;
    if (Take('0')) return 0;
    uint64_t value = 0;
    while (IsDigit(Peek())) {
      value = value * 10 + static_cast<uint64_t>(Next() - '0');
      if (value > input_.size()) failed_ = true;
    }
    return value;
  }

  std::string_view HexDigits() {
    const size_t start = position_;
    while (IsLowerHex(Peek())) ++position_;
    const std::string_view digits = input_.substr(start, position_ - start);
    if (digits.empty() || (digits[0] == '0' && digits.size() > 1) || !Take('_')) failed_ = true;
    return digits;
  }

  static uint64_t HexValue(std::string_view digits) {
    uint64_t value = 0;
    for (const char c : digits) {
      value = value << 4 | static_cast<uint64_t>(IsDigit(c) ? c - '0' : c - 'a' + 10);
    }
    return value;
  }

  char Peek() const { return failed_ || position_ >= input_.size() ? '\0' : input_[position_]; }
  char Next() {
    if (failed_ || position_ >= input_.size()) {
      failed_ = true;
      return '\0';
    }
    return input_[position_++];
  }
  bool Take(char c) {
    if (failed_ || position_ >= input_.size() || input_[position_] != c) return false;
    ++position_;
    return true;
  }

  void Fail() { failed_ = true; }

  void Print(std::string_view text) {
    if (failed_ || is_silent_) return;
    if (out_.size() + text.size() > kMaxOutputBytes) return Fail();
    out_ += text;
  }

  std::string_view input_;  // behind `_R`
  size_t position_ = 0;
  std::string out_;
  bool failed_ = false;
  bool is_silent_ = false;
  uint32_t depth_ = 0;
  uint32_t steps_ = 0;
  uint64_t lifetimes_ = 0;  // bound around the current place
};

}  // namespace

std::optional<std::string> DemangleRustV0(std::string_view mangled) {
  if (!mangled.starts_with("_R") || mangled.size() < 4 || !IsUpper(mangled[2])) return std::nullopt;
  for (const char c : mangled) {
    if (!IsAlnum(c) && c != '_') return std::nullopt;
  }
  return Printer(mangled.substr(2)).Run();
}

}  // namespace flameway
