// SPDX-License-Identifier: Apache-2.0
// Table F, and B11 and B12: files of functions and mappings.
#include <gtest/gtest.h>

#include "tests/processor/symbols/symbol_cases.h"

namespace flameway {
namespace {

constexpr FrameType kNative = FrameType::kNative;
constexpr FrameType kAbsent = FrameType::kAbsent;
constexpr DemangleMode kSimple = DemangleMode::kSimple;
constexpr CaseText kFile = CaseText::kFile;
constexpr CaseText kMapping = CaseText::kMapping;
constexpr WithoutRule kOther = WithoutRule::kOther;

constexpr SymbolCase kCases[] = {
    // B11
    {"jvm.jar_library", "libzstd-jni-1.5.1-16931311898282279136.so", "libzstd-jni-_.so", kAbsent,
     kSimple, kMapping},
    {"jvm.jar_library", "/tmp/libzstd-jni-1.5.1-16931311898282279136.so (deleted)",
     "libzstd-jni-_.so", kAbsent, kSimple, kMapping, kOther},
    {"jvm.jar_library", "libasyncProfiler-linux-x64-17b9a1d8156277a98ccc871afa9a8f69215f92.so",
     "libasyncProfiler-_.so", kAbsent, kSimple, kMapping},
    {"jvm.jar_library", "libasyncProfiler-macos-17b9a1d8156277a98ccc871afa9a8f69215f92.so",
     "libasyncProfiler-_.so", kAbsent, kSimple, kMapping},
    {"jvm.jar_library", "./tmp/libamazonCorrettoCryptoProvider109b39cf33c563eb.so",
     "libamazonCorrettoCryptoProvider_.so", kAbsent, kSimple, kMapping},
    {"jvm.jar_library", "amazonCorrettoCryptoProviderNativeLibraries.7382c2f79097f415/libcrypto.so",
     "libamazonCorrettoCryptoProvider_.so", kAbsent, kSimple, kMapping},
    {"jvm.jar_library",
     "/tmp/amazonCorrettoCryptoProviderNativeLibraries.7382c2f79097f415/"
     "libamazonCorrettoCryptoProvider.so",
     "libamazonCorrettoCryptoProvider_.so", kAbsent, kSimple, kMapping},
    // B12
    {"jvm.jar_library_more",
     "/tmp/snappy-1.1.10-6fb9393a-3093-4706-a7e4-837efe01d078-libsnappyjava.so",
     "snappy-_-libsnappyjava.so", kAbsent, kSimple, kMapping},
    {"jvm.jar_library_more", "/tmp/libnetty_tcnative_linux_x86_641234567890123.so",
     "libnetty_tcnative_linux_x86_64_.so", kAbsent, kSimple, kMapping},
    {"jvm.jar_library_more", "/tmp/jna-3506402/jna123456.tmp", "jna_.tmp", kAbsent, kSimple,
     kMapping},
    // F1
    {"paths.trim_prefix", "/some/remote/path/my-project/foo/bar.cc", "my-project/foo/bar.cc",
     kNative, kSimple, kFile},
    // F2
    {"paths.build_root", "/proc/self/cwd/foo.cc", "foo.cc", kNative, kSimple, kFile},
    {"paths.build_root", "/proc/self/cwd/./foo.cc", "foo.cc", kNative, kSimple, kFile},
    // F3
    {"paths.rust_source",
     "/root/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde-1.0.2/src/de.rs",
     "cargo:serde-1.0.2/src/de.rs", kNative, kSimple, kFile},
    {"paths.rust_source",
     "/rustc/90b35a6239c3d8bdabc530a6a0816f7ff89a0aaf/library/core/src/ops/function.rs",
     "rustc:library/core/src/ops/function.rs", kNative, kSimple, kFile},
    // F4
    {"paths.go_source", "/go/pkg/mod/github.com/a/b@v1.2.3/c.go", "github.com/a/b@v1.2.3/c.go",
     FrameType::kGo, kSimple, kFile},
    {"paths.go_source", "/usr/local/go/src/runtime/proc.go", "runtime/proc.go", FrameType::kGo,
     kSimple, kFile},
    {"paths.go_source", "/opt/hostedtoolcache/go/1.21.3/x64/src/runtime/proc.go", "runtime/proc.go",
     FrameType::kGo, kSimple, kFile},
    // F5
    {"paths.container_root", "/proc/123/root/usr/lib/x.so", "/usr/lib/x.so", kAbsent, kSimple,
     kMapping},
    {"paths.container_root", "/var/lib/docker/overlay2/0a1b2c/merged/usr/lib/x.so", "/usr/lib/x.so",
     kAbsent, kSimple, kMapping},
    {"paths.container_root", "/var/lib/docker/overlay2/0a1b2c/diff/usr/lib/x.so", "/usr/lib/x.so",
     kAbsent, kSimple, kFile},
    {"paths.container_root",
     "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/42/fs/usr/lib/x.so",
     "/usr/lib/x.so", kAbsent, kSimple, kMapping},
    {"paths.container_root",
     "/run/containerd/io.containerd.runtime.v2.task/k8s.io/0a1b2c/rootfs/usr/lib/x.so",
     "/usr/lib/x.so", kAbsent, kSimple, kMapping},
    // F6
    {"paths.deleted", "x.so (deleted)", "x.so", kAbsent, kSimple, kMapping},
    // F7
    {"paths.package_basename", "/usr/lib/system/libsystem_pthread.dylib", "libsystem_pthread",
     kAbsent, kSimple, kMapping},
    // F9
    {"paths.vcs", "git:github.com/rust-lang/rust:library/std/src/rt.rs:5c674a11471ec0569f616854",
     "library/std/src/rt.rs", kNative, kSimple, kFile},
    {"paths.vcs", "hg:hg.mozilla.org/mozilla-central:xpcom/threads/nsThread.cpp:997f00815e6b",
     "xpcom/threads/nsThread.cpp", kNative, kSimple, kFile},
    {"paths.vcs",
     "s3:gecko-generated-sources:"
     "a5d3747707d6877b0e5cb0a364e3cb9fea8aa4feb6ead138952c2ba46d41045297286385f0e0470146f49403e46bd"
     "2"
     "66e654dfca986de48c230f3a71c2aafed4/ipc/ipdl/PContent.cpp:",
     "ipc/ipdl/PContent.cpp", kNative, kSimple, kFile},
    // F10
    {"paths.separator", "C:\\a\\b.cs", "C:/a/b.cs", FrameType::kDotnet, kSimple, kFile},
};

TEST(PathRulesTest, EachRowOfTheTableHolds) { ExpectCases(kCases); }

TEST(PathRulesTest, TheNameOfASharedLibraryIsTold) {
  const SymbolNormalizer on =
      MakeNormalizer({.switches = {{"paths.library_name", SwitchState::kOn}}});
  EXPECT_EQ(on.LibraryName("/usr/lib/libc.so.6"), "libc");
  EXPECT_EQ(on.LibraryName("/usr/lib/libssl.1.1.dylib"), "libssl");
  EXPECT_EQ(on.LibraryName("/usr/bin/python3"), "");
  EXPECT_EQ(on.LibraryName("[vdso]"), "");
  EXPECT_EQ(MakeNormalizer().LibraryName("/usr/lib/libc.so.6"), "");
}

TEST(PathRulesTest, TheLongestConfiguredPrefixGoesByWholeFolders) {
  const SymbolNormalizer normalizer = MakeNormalizer({.trim_prefixes = {"/build", "/build/src/"}});
  EXPECT_EQ(normalizer.NormalizeFileName("/build/src/a.cc"), "a.cc");
  EXPECT_EQ(normalizer.NormalizeFileName("/build/b.cc"), "b.cc");
  EXPECT_EQ(normalizer.NormalizeFileName("/builder/b.cc"), std::nullopt);
  EXPECT_EQ(normalizer.NormalizeFileName("/build"), std::nullopt);
}

TEST(PathRulesTest, OrdinaryPathsStay) {
  const SymbolNormalizer normalizer = MakeNormalizer();
  for (const std::string_view path :
       {"/usr/lib/x86_64-linux-gnu/libc.so.6", "main.go", "[vdso]", "[heap]", "anon", "",
        "/proc/self/exe", "/proc/123/root", "libzstd-jni-1.5.1.so", "libnetty_x.so",
        "/var/lib/docker/overlay2/0a1b2c", "C:\\a\\b.cs", "//anon (deleted",
        "/usr/lib/libcrypto.so", "node:internal/timers", "vmlinux-5.4.0"}) {
    EXPECT_EQ(normalizer.NormalizeMappingName(path), std::nullopt) << path;
    EXPECT_EQ(normalizer.NormalizeFileName(path), std::nullopt) << path;
  }
}

}  // namespace

std::span<const SymbolCase> PathCases() { return kCases; }

}  // namespace flameway
