// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/path_rules.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "processor/symbols/characters.h"
#include "processor/symbols/jar_library.h"

namespace flameway {
namespace {

constexpr size_t kNone = std::string_view::npos;

// F6
void StripDeleted(SymbolText& path) {
  constexpr std::string_view kDeleted = " (deleted)";
  while (path.view().ends_with(kDeleted) && path.size() > kDeleted.size()) {
    path.KeepFirst(path.size() - kDeleted.size());
  }
}

// F10: paths of Windows, with a drive or a share, or with backslashes alone.
void UnifySeparators(SymbolText& path) {
  const std::string_view text = path.view();
  const bool has_drive = text.size() > 2 && (IsLower(text[0]) || IsUpper(text[0])) &&
                         text[1] == ':' && (text[2] == '\\' || text[2] == '/');
  if (!has_drive && !text.starts_with("\\\\") && text.find('/') != kNone) return;
  std::string unified(text);
  std::replace(unified.begin(), unified.end(), '\\', '/');
  if (unified != text) path.Replace(std::move(unified));
}

// F1: whole folders only; with or without a slash at the end of the configured prefix.
void TrimConfigured(std::span<const std::string> prefixes, SymbolText& path) {
  size_t longest = 0;
  for (const std::string& prefix : prefixes) {
    if (!path.view().starts_with(prefix)) continue;
    size_t end = prefix.size();
    if (!prefix.ends_with('/')) {
      if (end >= path.size() || path.view()[end] != '/') continue;
      ++end;
    }
    if (end < path.size()) longest = std::max(longest, end);
  }
  path.DropFirst(longest);
}

// F2
void StripBuildRoot(SymbolText& path) {
  constexpr std::string_view kRoot = "/proc/self/cwd/";
  if (!path.view().starts_with(kRoot) || path.size() == kRoot.size()) return;
  path.DropFirst(kRoot.size());
  while (path.view().starts_with("./") && path.size() > 2) path.DropFirst(2);
}

// The length of one folder name that is in a class, with its slash; 0 if there is none.
template <class Class>
size_t FolderLength(std::string_view text, Class is_in_class) {
  const size_t word = RunLength(text, 0, is_in_class);
  return word > 0 && word < text.size() && text[word] == '/' ? word + 1 : 0;
}

// F5. Each keeps the slash in front of what is left.
size_t ContainerRootLength(std::string_view path) {
  const auto is_name = [](char c) { return c != '/'; };
  if (path.starts_with("/proc/")) {
    const size_t pid = FolderLength(path.substr(6), IsDigit);
    if (pid > 0 && path.substr(6 + pid).starts_with("root/")) return 6 + pid + 4;
  }
  // overlay2/<id>/merged of Docker, overlay/<id>/diff of Podman, snapshots/<n>/fs and
  // <namespace>/<id>/rootfs of containerd.
  static constexpr struct {
    std::string_view folder;
    std::string_view roots[2];
  } kLayers[] = {{"/overlay2/", {"merged/", "diff/"}}, {"/overlay/", {"merged/", "diff/"}},
                 {"/snapshots/", {"fs/", "fs/"}},      {"/k8s.io/", {"rootfs/", "rootfs/"}},
                 {"/moby/", {"rootfs/", "rootfs/"}},   {"/default/", {"rootfs/", "rootfs/"}}};
  if (!path.starts_with("/var/lib/") && !path.starts_with("/run/") && !path.starts_with("/home/") &&
      !path.starts_with("/data/")) {
    return 0;
  }
  for (const auto& [folder, roots] : kLayers) {
    const size_t at = path.find(folder);
    if (at == kNone) continue;
    const size_t id_at = at + folder.size();
    const size_t id = FolderLength(path.substr(id_at), is_name);
    for (const std::string_view root : roots) {
      if (id > 0 && path.substr(id_at + id).starts_with(root)) return id_at + id + root.size() - 1;
    }
  }
  return 0;
}

void StripContainerRoot(SymbolText& path) {
  const size_t length = ContainerRootLength(path.view());
  if (length + 1 < path.size()) path.DropFirst(length);
}

// F3
void UnifyRustSource(SymbolText& path) {
  const std::string_view text = path.view();
  constexpr std::string_view kRegistry = "/registry/src/";
  const size_t registry = text.find(kRegistry);
  if (registry != kNone && !text.starts_with("cargo:")) {
    const size_t index = registry + kRegistry.size();
    const size_t folder = FolderLength(text.substr(index), [](char c) { return c != '/'; });
    if (folder > 0 && index + folder < text.size()) {
      return path.Replace("cargo:" + std::string(text.substr(index + folder)));
    }
  }
  constexpr std::string_view kRustc = "/rustc/";
  if (text.starts_with(kRustc)) {
    const size_t commit = FolderLength(text.substr(kRustc.size()), IsHex);
    if (commit > 0 && kRustc.size() + commit < text.size()) {
      path.Replace("rustc:" + std::string(text.substr(kRustc.size() + commit)));
    }
  }
}

// F4: the module cache, and the source folder of a Go installation.
void StripGoRoot(SymbolText& path) {
  const std::string_view text = path.view();
  constexpr std::string_view kCache = "/pkg/mod/";
  const size_t cache = text.find(kCache);
  if (cache != kNone && cache + kCache.size() < text.size()) {
    return path.DropFirst(cache + kCache.size());
  }
  for (const std::string_view root :
       {"/usr/local/go/src/", "/usr/lib/go/src/", "/usr/lib/golang/src/", "/opt/go/src/",
        "$GOROOT/src/", "/usr/share/go/src/"}) {
    if (text.starts_with(root) && text.size() > root.size()) return path.DropFirst(root.size());
  }
  // /usr/lib/go-1.21/src/, /opt/hostedtoolcache/go/1.21.3/x64/src/
  for (const std::string_view start :
       {"/usr/lib/go-", "/usr/share/go-", "/opt/hostedtoolcache/go/"}) {
    if (!text.starts_with(start)) continue;
    const size_t source = text.find("/src/", start.size());
    if (source != kNone && source + 5 < text.size()) return path.DropFirst(source + 5);
  }
}

// F9: git:github.com/rust-lang/rust:library/std/src/lib.rs:rev
void StripVcs(SymbolText& path) {
  const std::string_view text = path.view();
  if (!text.starts_with("git:") && !text.starts_with("hg:") && !text.starts_with("s3:")) return;
  const size_t repository = text.find(':') + 1;
  const size_t start = text.find(':', repository);
  if (start == kNone) return;
  const size_t end = std::min(text.find(':', start + 1), text.size());
  if (end == start + 1) return;
  path.KeepFirst(end);
  path.DropFirst(start + 1);
  // s3:bucket:hash/path:
  if (text.starts_with("s3:")) {
    const size_t hash = FolderLength(path.view(), IsHex);
    if (hash > 16) path.DropFirst(hash);
  }
}

// D2
void StripPythonSite(SymbolText& path) {
  for (const std::string_view folder : {"/site-packages/", "/dist-packages/"}) {
    const size_t at = path.view().rfind(folder);
    if (at != kNone && at + folder.size() < path.size()) return path.DropFirst(at + folder.size());
  }
}

// D7
void StripNodeAddress(SymbolText& path) {
  const std::string_view text = path.view();
  if (text.starts_with("node:")) return;
  size_t start = 0;
  for (const std::string_view scheme : {"file://", "webpack-internal:///", "webpack:///"}) {
    if (text.starts_with(scheme) && text.size() > scheme.size()) start = scheme.size();
  }
  constexpr std::string_view kModules = "/node_modules/";
  const size_t modules = text.find(kModules);
  if (modules != kNone) start = std::max(start, modules + 1);
  if (text.starts_with("webpack")) {
    const size_t query = text.rfind('?');
    if (query != kNone && query > start &&
        RunLength(text, query + 1, IsAlnum) == text.size() - query - 1) {
      path.KeepFirst(query);
    }
  }
  path.DropFirst(start);
}

// E6. [nf_conntrack] is a mapping's name as it should be.
void StripKernelVersion(SymbolText& path) {
  constexpr std::string_view kImage = "vmlinux";
  const std::string_view base = Basename(path.view());
  if (!base.starts_with("vmlinux-") || base.size() == kImage.size() + 1) return;
  path.Replace(std::string(kImage));
}

// F7. Not names in brackets, and not a leading dot.
void StripFolderAndEnding(SymbolText& path) {
  const std::string_view base = Basename(path.view());
  if (base.empty() || base.starts_with('[')) return;
  path.DropFirst(path.size() - base.size());
  const size_t dot = base.find('.', 1);
  if (dot != kNone) path.KeepFirst(dot);
}

// F1, F2, F5, F6, F10: what both kinds of paths have.
void NormalizeAnyPath(const RuleContext& context, SymbolText& path) {
  if (path.Has('(') && context.Has(SymbolRule::kDeleted)) StripDeleted(path);
  if (path.Has('\\') && context.Has(SymbolRule::kPathSeparator)) UnifySeparators(path);
  if (!path.Has('/')) return;
  if (context.Has(SymbolRule::kContainerRoot)) StripContainerRoot(path);
  if (context.Has(SymbolRule::kBuildRoot)) StripBuildRoot(path);
  if (context.Has(SymbolRule::kTrimPrefix)) TrimConfigured(context.trim_prefixes, path);
}

}  // namespace

void NormalizeSourcePath(const RuleContext& context, SymbolText& path) {
  NormalizeAnyPath(context, path);
  if (path.Has(':') && context.Has(SymbolRule::kVcsPath)) StripVcs(path);
  if (!path.Has('/')) return;
  if (context.Has(SymbolRule::kRustSource)) UnifyRustSource(path);
  if (context.Has(SymbolRule::kGoSource)) StripGoRoot(path);
  if (context.Has(SymbolRule::kPythonPath)) StripPythonSite(path);
  if (context.Has(SymbolRule::kNodePath)) StripNodeAddress(path);
}

void NormalizeMappingPath(const RuleContext& context, SymbolText& path) {
  NormalizeAnyPath(context, path);
  path.ReplaceIf(JarLibraryName(context, path.view()));
  if (path.Has('-') && context.Has(SymbolRule::kKernelModule)) StripKernelVersion(path);
  if (context.Has(SymbolRule::kPackageBasename)) StripFolderAndEnding(path);
}

std::string_view LibraryNameOf(std::string_view path) {
  const std::string_view base = Basename(path);
  for (const std::string_view ending : {".so", ".dylib", ".dll"}) {
    const size_t at = base.find(ending);
    if (at == kNone || at == 0) continue;
    const std::string_view rest = base.substr(at + ending.size());
    // A version may follow: libc.so.6. One may stand before the ending: libssl.1.1.dylib.
    if (RunLength(rest, 0, [](char c) { return IsDigit(c) || c == '.'; }) != rest.size()) continue;
    const std::string_view name = base.substr(0, at);
    return name.substr(0, std::min(name.find('.', 1), name.size()));
  }
  return {};
}

}  // namespace flameway
