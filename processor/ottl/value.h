// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <string_view>
#include <type_traits>

namespace flameway::ottl {

enum class Kind : uint8_t { kNil, kBool, kInt, kDouble, kString, kBytes, kList, kMap };

[[nodiscard]] std::string_view KindName(Kind kind);  // "string", as messages say it

struct Entry;

// A value of the language: a view, 24 bytes, copied freely. Text, bytes, elements and entries
// belong to somebody else: the compiled program (literals), the subject, or the Arena of the
// evaluation. Maps keep the order of their entries; a key found twice counts once, the first.
class Value {
 public:
  constexpr Value() = default;  // nil
  [[nodiscard]] static constexpr Value Bool(bool value) {
    Value result(Kind::kBool);
    result.int_ = value ? 1 : 0;
    return result;
  }
  [[nodiscard]] static constexpr Value Int(int64_t value) {
    Value result(Kind::kInt);
    result.int_ = value;
    return result;
  }
  [[nodiscard]] static constexpr Value Double(double value) {
    Value result(Kind::kDouble);
    result.double_ = value;
    return result;
  }
  [[nodiscard]] static constexpr Value String(std::string_view text) {
    return View(Kind::kString, text.data(), text.size());
  }
  [[nodiscard]] static constexpr Value Bytes(std::string_view bytes) {
    return View(Kind::kBytes, bytes.data(), bytes.size());
  }
  [[nodiscard]] static constexpr Value List(std::span<const Value> elements) {
    return View(Kind::kList, elements.data(), elements.size());
  }
  [[nodiscard]] static Value Map(std::span<const Entry> entries);

  [[nodiscard]] constexpr Kind kind() const { return kind_; }
  [[nodiscard]] constexpr bool is_nil() const { return kind_ == Kind::kNil; }

  // Each may be called only for its own kind; bytes of kString and kBytes are both `text`.
  [[nodiscard]] constexpr bool as_bool() const { return int_ != 0; }
  [[nodiscard]] constexpr int64_t as_int() const { return int_; }
  [[nodiscard]] constexpr double as_double() const { return double_; }
  [[nodiscard]] std::string_view text() const {
    return {static_cast<const char*>(pointer_), size_};
  }
  [[nodiscard]] std::span<const Value> list() const {
    return {static_cast<const Value*>(pointer_), size_};
  }
  [[nodiscard]] std::span<const Entry> map() const;

 private:
  explicit constexpr Value(Kind kind) : kind_(kind) {}
  static constexpr Value View(Kind kind, const void* pointer, size_t size) {
    Value result(kind);
    result.pointer_ = pointer;
    result.size_ = size;
    return result;
  }

  union {
    int64_t int_ = 0;
    double double_;
    const void* pointer_;
  };
  size_t size_ = 0;
  Kind kind_ = Kind::kNil;
};

struct Entry {
  std::string_view key;
  Value value;
};

inline Value Value::Map(std::span<const Entry> entries) {
  return View(Kind::kMap, entries.data(), entries.size());
}
inline std::span<const Entry> Value::map() const {
  return {static_cast<const Entry*>(pointer_), size_};
}

static_assert(std::is_trivially_copyable_v<Value> && std::is_trivially_copyable_v<Entry>);

// The value of the first entry with this key; null when there is none. Linear: attribute maps are
// short.
[[nodiscard]] const Value* Find(std::span<const Entry> entries, std::string_view key);

// Owns what an evaluation makes. Everything it handed out dies with it or with Clear(). One thread.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  [[nodiscard]] std::string_view Copy(std::string_view text);
  [[nodiscard]] std::span<char> NewText(size_t size);
  [[nodiscard]] std::span<Value> NewList(size_t size);  // of nil
  [[nodiscard]] std::span<Entry> NewMap(size_t size);   // of empty key, nil
  [[nodiscard]] Value DeepCopy(const Value& value);     // nothing of it is viewed afterwards
  void Clear() { memory_.release(); }

 private:
  std::pmr::monotonic_buffer_resource memory_{1024};
};

// Same kind and same value; lists by position, maps whatever their order, doubles by ==. Never
// converts: 1 and 1.0 differ here (inside lists and maps the Collector does not convert either).
[[nodiscard]] bool Equal(const Value& a, const Value& b);

enum class Comparison : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual
};

// The comparison rules of the language: numbers of different kinds as double; bool false < true;
// strings and bytes bytewise; lists and maps only for (in)equality; nil equals nil (so <= and >=
// hold too); whatever else differs in kind is unequal and neither less nor greater.
[[nodiscard]] bool Compare(const Value& a, const Value& b, Comparison comparison);

}  // namespace flameway::ottl
