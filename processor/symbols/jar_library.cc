// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/jar_library.h"

#include <cstddef>

#include "processor/symbols/characters.h"

namespace flameway {
namespace {

constexpr std::string_view kSo = ".so";

bool IsWhole(std::string_view text, bool (*is_in_class)(char)) {
  return !text.empty() && RunLength(text, 0, is_in_class) == text.size();
}

bool IsHashDigit(char c) { return IsLowerHex(c); }

// 1.5.1-16931311898282279136 behind libzstd-jni-
bool IsVersionAndCounter(std::string_view text) {
  const size_t dash = text.rfind('-');
  return dash != std::string_view::npos && IsWhole(text.substr(dash + 1), IsDigit) &&
         IsWhole(text.substr(0, dash), [](char c) { return IsDigit(c) || c == '.' || c == '-'; });
}

// linux-x64-17b9a1d8..., macos-17b9a1d8...
bool IsPlatformAndHash(std::string_view text) {
  const size_t dash = text.rfind('-');
  return dash != std::string_view::npos && text.size() - dash > 16 &&
         IsWhole(text.substr(dash + 1), IsHashDigit) &&
         (text.starts_with("linux-") || text.starts_with("macos"));
}

std::string_view Between(std::string_view text, std::string_view start, std::string_view end) {
  if (!text.starts_with(start) || !text.ends_with(end) ||
      text.size() <= start.size() + end.size()) {
    return {};
  }
  return text.substr(start.size(), text.size() - start.size() - end.size());
}

// B11. `path` has its last folder, `base` is the name alone.
std::optional<std::string> KnownLibrary(std::string_view path, std::string_view base) {
  if (IsVersionAndCounter(Between(base, "libzstd-jni-", kSo))) return "libzstd-jni-_.so";
  if (IsPlatformAndHash(Between(base, "libasyncProfiler-", kSo))) return "libasyncProfiler-_.so";
  constexpr std::string_view kCorretto = "libamazonCorrettoCryptoProvider_.so";
  if (IsWhole(Between(base, "libamazonCorrettoCryptoProvider", kSo), IsHashDigit)) {
    return std::string(kCorretto);
  }
  if (base == "libcrypto.so" || base == "libamazonCorrettoCryptoProvider.so") {
    const std::string_view folder = path.substr(0, path.size() - base.size() - (path != base));
    if (IsWhole(Between(Basename(folder), "amazonCorrettoCryptoProviderNativeLibraries.", ""),
                IsHashDigit)) {
      return std::string(kCorretto);
    }
  }
  return std::nullopt;
}

// snappy-1.1.10-6fb9393a-3093-4706-a7e4-837efe01d078-libsnappyjava.so, and also without the UUID's
// last dash
std::optional<std::string> Snappy(std::string_view base) {
  const std::string_view middle = Between(base, "snappy-", "-libsnappyjava.so");
  const size_t version = RunLength(middle, 0, [](char c) { return IsDigit(c) || c == '.'; });
  if (version == 0 || version >= middle.size() || middle[version] != '-') return std::nullopt;
  if (!IsWhole(middle.substr(version + 1), [](char c) { return IsLowerHex(c) || c == '-'; })) {
    return std::nullopt;
  }
  return "snappy-_-libsnappyjava.so";
}

// libnetty_tcnative_linux_x86_641234567890.so: the digits of the platform are before the counter,
// so only long runs count.
std::optional<std::string> Netty(std::string_view base) {
  if (Between(base, "libnetty", kSo).empty()) return std::nullopt;
  size_t end = base.size() - kSo.size();
  const size_t last = end;
  while (end > 0 && IsDigit(base[end - 1])) --end;
  if (last - end < 8) return std::nullopt;
  for (const std::string_view platform : {"x86_64", "aarch_64", "x86_32"}) {
    const std::string_view head = base.substr(0, end + 2);
    if (head.ends_with(platform)) end += 2;
  }
  return std::string(base.substr(0, end)) + "_.so";
}

// jna123456.tmp, jna-2068415362/jna1234567.tmp
std::optional<std::string> Jna(std::string_view base) {
  if (!IsWhole(Between(base, "jna", ".tmp"), IsDigit)) return std::nullopt;
  return "jna_.tmp";
}

}  // namespace

std::optional<std::string> JarLibraryName(const RuleContext& context, std::string_view path) {
  const std::string_view base = Basename(path);
  std::optional<std::string> name;
  if (context.Has(SymbolRule::kJarLibrary)) name = KnownLibrary(path, base);
  if (!name && context.Has(SymbolRule::kJarLibraryMore)) {
    name = Snappy(base);
    if (!name) name = Netty(base);
    if (!name) name = Jna(base);
  }
  return name;
}

}  // namespace flameway
