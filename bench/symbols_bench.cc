// SPDX-License-Identifier: Apache-2.0
// What one name costs, by family and by what happens to it, without the memo that remembers results
// across batches. Each output is checked before it is timed.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "processor/symbols/symbol_normalizer.h"

namespace flameway {
namespace {

struct BenchName {
  std::string_view label;
  std::string_view name;
  FrameType type;
  std::string_view expected;
};

constexpr BenchName kNames[] = {
    {"c_unchanged", "pthread_mutex_lock", FrameType::kNative, "pthread_mutex_lock"},
    {"untyped_unchanged", "pthread_mutex_lock", FrameType::kAbsent, "pthread_mutex_lock"},
    {"cpp_simple", "_ZN3foo3barEi", FrameType::kNative, "foo::bar"},
    {"cpp_clone", "_ZN3foo3barEi.isra.0.cold", FrameType::kNative, "foo::bar"},
    {"cpp_template_161_bytes",
     "_ZNSt8_Rb_treeINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEESt4pairIKS5_iESt10_"
     "Select1stIS8_ESt4lessIS5_ESaIS8_EE24_M_get_insert_unique_posERS7_",
     FrameType::kNative, "std::_Rb_tree::_M_get_insert_unique_pos"},
    {"cpp_text", "std::vector<int, std::allocator<int> >::push_back(int&&)", FrameType::kNative,
     "std::vector::push_back"},
    {"rust_legacy",
     "_ZN50_$LT$$RF$mut$u20$W$u20$as$u20$core..fmt..Write$GT$10write_char17h40d2a72f9527ade5E",
     FrameType::kNative, "<&mut W as core::fmt::Write>::write_char"},
    {"rust_v0", "_RNvNtCs3DbgFVJHPWp_7mycrate5inner3foo", FrameType::kNative,
     "mycrate::inner::foo"},
    {"jvm_unchanged", "java/util/concurrent/ThreadPoolExecutor.runWorker", FrameType::kJvm,
     "java/util/concurrent/ThreadPoolExecutor.runWorker"},
    {"jvm_lambda", "Burn$$Lambda$1.0x00007f19f8000a08.get", FrameType::kJvm, "Burn$$Lambda_.get"},
    {"go_unchanged", "net/http.(*conn).serve", FrameType::kGo, "net/http.(*conn).serve"},
    {"go_shape", "pkg.(*T[go.shape.struct { F []uint8 }]).Method", FrameType::kGo,
     "pkg.(*T).Method"},
    {"kernel_unchanged", "tcp_sendmsg_locked", FrameType::kKernel, "tcp_sendmsg_locked"},
    {"kernel_clone", "tcp_v4_rcv.isra.0", FrameType::kKernel, "tcp_v4_rcv"},
    {"v8_tier", "LazyCompile:*handle", FrameType::kV8js, "handle"},
    {"python_unchanged", "_handle_fromlist", FrameType::kCpython, "_handle_fromlist"},
};

struct BenchPath {
  std::string_view label;
  std::string_view path;
  std::string_view expected;
};

constexpr BenchPath kPaths[] = {
    {"path_unchanged", "/usr/lib/x86_64-linux-gnu/libc.so.6",
     "/usr/lib/x86_64-linux-gnu/libc.so.6"},
    {"path_overlay", "/var/lib/docker/overlay2/0a1b2c/merged/usr/lib/x.so", "/usr/lib/x.so"},
};

SymbolOptions WithCustomRules(int count) {
  SymbolOptions options;
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    options.rules.push_back({.name = "rule" + number,
                             .pattern = "^service" + number + "\\..*handle(\\d+)$",
                             .replacement = "handler" + number});
  }
  return options;
}

const SymbolNormalizer& Normalizer(int custom_rules) {
  static const auto kDefault = SymbolNormalizer::Create({});
  static const auto kCustom = SymbolNormalizer::Create(WithCustomRules(200));
  return custom_rules == 0 ? *kDefault : *kCustom;
}

void Verify(std::string_view input, std::string_view actual, std::string_view expected) {
  if (actual == expected) return;
  std::fprintf(stderr, "%s became %s\n", std::string(input).c_str(), std::string(actual).c_str());
  std::exit(1);
}

void RegisterNames(int custom_rules, const std::string& prefix) {
  for (const BenchName& name : kNames) {
    const SymbolNormalizer& normalizer = Normalizer(custom_rules);
    const FunctionName function{.name = name.name, .type = name.type};
    Verify(name.name,
           normalizer.NormalizeFunctionName(function).text.value_or(std::string(name.name)),
           name.expected);
    benchmark::RegisterBenchmark(
        (prefix + std::string(name.label)).c_str(), [&normalizer, function](auto& state) {
          for (auto _ : state) {
            benchmark::DoNotOptimize(normalizer.NormalizeFunctionName(function));
          }
        });
  }
}

int Main(int argc, char** argv) {
#ifndef NDEBUG
  std::fprintf(stderr, "times of a debug build say nothing; build Release\n");
  return 1;
#endif
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  RegisterNames(0, "default/");
  RegisterNames(200, "custom_200/");
  for (const BenchPath& path : kPaths) {
    const SymbolNormalizer& normalizer = Normalizer(0);
    Verify(path.path, normalizer.NormalizeMappingName(path.path).value_or(std::string(path.path)),
           path.expected);
    benchmark::RegisterBenchmark(std::string(path.label).c_str(), [&normalizer, path](auto& state) {
      for (auto _ : state) benchmark::DoNotOptimize(normalizer.NormalizeMappingName(path.path));
    });
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace flameway

int main(int argc, char** argv) { return flameway::Main(argc, argv); }
