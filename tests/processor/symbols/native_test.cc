// SPDX-License-Identifier: Apache-2.0
// Table A without Rust: names of C and C++.
#include <gtest/gtest.h>

#include <string>

#include "processor/symbols/cpp_text.h"
#include "processor/symbols/itanium_demangler.h"
#include "tests/processor/symbols/symbol_cases.h"

namespace flameway {
namespace {

constexpr DemangleMode kTemplates = DemangleMode::kTemplates;
constexpr DemangleMode kFull = DemangleMode::kFull;
constexpr FrameType kNative = FrameType::kNative;
constexpr CaseText kName = CaseText::kName;
constexpr WithoutRule kOther = WithoutRule::kOther;

constexpr SymbolCase kCases[] = {
    // A1
    {"native.demangle_simple", "_ZN3foo3barEi", "foo::bar"},
    {"native.demangle_simple", "_ZN3foo3bazIdEEiT_", "foo::baz"},
    {"native.demangle_simple", "_ZNSaIcEC1ERKS_", "std::allocator::allocator"},
    {"native.demangle_simple", "_ZNSsC1ERKSs", "std::basic_string::basic_string"},
    {"native.demangle_simple", "_ZZ4mainENKUlvE_clEv", "main::{lambda()#1}::operator()"},
    {"native.demangle_simple", "_ZNK3FoocvbEv", "Foo::operator bool"},
    {"native.demangle_simple", "_ZlsRSoRK3Foo", "operator<<"},
    {"native.demangle_simple", "_ZN3foo3barEi", "foo::bar", FrameType::kAbsent},
    {"native.demangle_simple", "_ZN3foo3barEi", "foo::bar", FrameType::kUnknown},
    {"native.demangle_simple", "_Z3foov.resume", "foo.resume"},
    {"native.demangle_simple", "_ZTV3Foo", "vtable for Foo"},
    // A2
    {"native.demangle_templates", "_ZNSaIcEC1ERKS_", "std::allocator<char>::allocator", kNative,
     kTemplates},
    {"native.demangle_templates", "_ZN3foo3bazIdEEiT_", "foo::baz<double>", kNative, kTemplates},
    {"native.demangle_templates", "_ZNSt6vectorIS_IiSaIiEESaIS1_EE9push_backEOS1_",
     "std::vector<std::vector<int, std::allocator<int>>, "
     "std::allocator<std::vector<int, std::allocator<int>>>>::push_back",
     kNative, kTemplates},
    // A3
    {"native.demangle_full", "_ZN3foo3barEi", "foo::bar(int)", kNative, kFull},
    {"native.demangle_full", "_ZN3foo3bazIdEEiT_", "int foo::baz<double>(double)", kNative, kFull},
    // A4
    {"native.macos_underscore", "__ZdaPv", "operator delete[]"},
    {"native.macos_underscore", "__ZN3foo3barEi", "foo::bar"},
    // A5
    {"native.demangled_arguments", "foo::bar(int)", "foo::bar"},
    {"native.demangled_arguments", "foo::baz<double>(double)", "foo::baz"},
    {"native.demangled_arguments", "double foo::baz<double>(double)", "foo::baz"},
    {"native.demangled_arguments", "unsigned long std::hash<int>::operator()(int) const",
     "std::hash::operator()"},
    {"native.demangled_arguments", "std::vector<int, std::allocator<int> >::push_back(int&&)",
     "std::vector::push_back"},
    {"native.demangled_arguments",
     "std::basic_ostream<char>& std::operator<< <std::char_traits<char> >("
     "std::basic_ostream<char>&, char const*)",
     "std::operator<<"},
    {"native.demangled_arguments", "std::operator<<<char>(int)", "std::operator<<"},
    {"native.demangled_arguments", "bool ns::operator<<int>(A<int>, A<int>)", "ns::operator<"},
    {"native.demangled_arguments", "ns::A::operator->() const", "ns::A::operator->"},
    {"native.demangled_arguments", "ns::A::operator unsigned long() const",
     "ns::A::operator unsigned long"},
    {"native.demangled_arguments", "ns::A::operator new(unsigned long)", "ns::A::operator new"},
    {"native.demangled_arguments", "void ns::f<(ns::E)1>(int (*)(char))", "ns::f"},
    {"native.demangled_arguments", "ns::f<(1 > 2), (3 >> 1)>(int)", "ns::f"},
    {"native.demangled_arguments", "decltype (ns::g(1)) ns::f<int>(int)", "ns::f"},
    {"native.demangled_arguments", "char const* ns::f<int>(int)::digits", "ns::f::digits"},
    {"native.demangled_arguments", "ns::f(int)::local::g() &&", "ns::f::local::g"},
    {"native.demangled_arguments", "TLS wrapper function for ns::x",
     "thread-local wrapper routine for ns::x"},
    {"native.demangled_arguments", "TLS init function for ns::x",
     "thread-local initialization routine for ns::x"},
    {"native.demangled_arguments", "void A<int, &B::c>::f(int)", "A::f"},
    {"native.demangled_arguments", "A<&ns::B::c(int, char)>::f() const", "A::f"},
    {"native.demangled_arguments", "int A::f<int, &B<int>::c(int)>(int)", "A::f"},
    {"native.demangled_arguments", "bool A<&ns::B::c(int)>::operator->*(int)", "A::operator->*"},
    {"native.demangled_arguments", "std::vector<int,std::allocator<int> >::push_back",
     "std::vector::push_back"},
    {"native.demangled_arguments", "foo::baz<double>(double)", "foo::baz<double>", kNative,
     kTemplates},
    {"native.demangled_arguments", "A<ns::f(int) const::{lambda(int)#1}, B(char)>::g(int)",
     "A<ns::f::{lambda(int)#1}, B(char)>::g", kNative, kTemplates},
    {"native.demangled_arguments", "std::vector<A<int> >::f(int)", "std::vector<A<int>>::f",
     kNative, kTemplates, kName, kOther},
    // A6
    {"native.trailing_qualifiers", "base(BasicType) const", "base"},
    {"native.trailing_qualifiers", "unsigned long base(BasicType)", "base"},
    // A7
    {"native.keep_operators", "(anonymous namespace)::myBar()", "(anonymous namespace)::myBar"},
    {"native.keep_operators", "{lambda(int, int)#2}::operator()",
     "{lambda(int, int)#2}::operator()"},
    {"native.keep_operators", "f()::{lambda(int, int)#2}::operator()(int, int) const",
     "f::{lambda(int, int)#2}::operator()"},
    {"native.keep_operators", "f()::'lambda0'(int, int)::operator()(int, int) const",
     "f::{lambda(int, int)#2}::operator()"},
    {"native.keep_operators", "ns::f()::'unnamed'::g()", "ns::f::{unnamed type#1}::g"},
    {"native.keep_operators", "f()::{lambda(auto:1)#1}::operator()<int>(int) const",
     "f::{lambda(auto)#1}::operator()"},
    {"native.keep_operators", "A<int> ns::operator< <int>(A<A<int> >)",
     "A<int> ns::operator<<int>(A<A<int>>)", kNative, kFull},
    // A8
    {"native.anonymous_prefix", "(anonymous namespace)::Bar::Foo", "Bar::Foo"},
    // A9
    {"native.clone_suffix", "blah.constprop.0.cold", "blah"},
    {"native.clone_suffix", "blah.clone.1", "blah"},
    {"native.clone_suffix", "blah.isra.0.part.3", "blah"},
    {"native.clone_suffix", "blah.cold.12", "blah"},
    // A10
    {"native.mangled_clone",
     "_ZN2js8HeapSlot4postEPNS_12NativeObjectENS0_4KindEjRKNS_5ValueE.isra.0.cold",
     "js::HeapSlot::post", kNative, DemangleMode::kSimple, kName, kOther},
    {"native.mangled_clone", "_ZN3foo3barEi.isra.0.cold", "foo::bar(int)", kNative, kFull, kName,
     kOther},
    {"native.mangled_clone", "_ZN3foo3barEi.constprop.0", "foo::bar", FrameType::kAbsent,
     DemangleMode::kSimple, kName, kOther},
    // A11
    {"native.promoted_suffix", "foo.llvm.5999636307758439825", "foo"},
    {"native.promoted_suffix", "foo.__uniq.1234", "foo"},
    {"native.promoted_suffix", "foo.llvm.A5310EB9", "foo"},
    {"native.promoted_suffix", "foo.__uniq.1234.llvm.5678", "foo"},
    // A12
    {"native.bracket_clone", "foo(int) [clone .isra.0]", "foo", kNative, DemangleMode::kSimple,
     kName, kOther},
    {"native.bracket_clone", "foo(int) [clone .isra.0] [clone .cold]", "foo", kNative,
     DemangleMode::kSimple, kName, kOther},
    {"native.bracket_clone", "foo(int) (.isra.0.cold)", "foo", kNative, DemangleMode::kSimple,
     kName, kOther},
    {"native.bracket_clone", "foo [clone .isra.0]", "foo"},
    {"native.bracket_clone", "int ns::foo(int) [clone ._omp_fn.0]", "ns::foo._omp_fn.0", kNative,
     DemangleMode::kSimple, kName, kOther},
    // A13
    {"native.thunk", "non-virtual thunk to Foo::bar()", "Foo::bar", kNative, DemangleMode::kSimple,
     kName, kOther},
    {"native.thunk", "virtual thunk to Foo::bar", "Foo::bar"},
    {"native.thunk", "_ZThn16_N3Foo3barEv", "Foo::bar", kNative, DemangleMode::kSimple, kName,
     kOther},
    {"native.thunk", "covariant return thunk to Foo::bar", "Foo::bar"},
    // A14
    {"native.abi_tag", "foo::bar[abi:cxx11]", "foo::bar"},
    {"native.abi_tag", "_ZN3foo3barB5cxx11Ei", "foo::bar", kNative, DemangleMode::kSimple, kName,
     kOther},
    {"native.abi_tag", "foo[abi:v1][abi:v2]::bar", "foo::bar"},
    // A15
    {"native.inline_std_namespace", "std::__1::vector", "std::vector"},
    {"native.inline_std_namespace", "std::__cxx11::basic_string", "std::basic_string"},
    // A16
    {"native.closure", "cpp::ns::Class::method()::$_100::operator()", "Class::method", kNative,
     DemangleMode::kSimple, kName, kOther},
    {"native.closure", "cpp::ns::Class::method::$_100::operator()", "Class::method"},
    {"native.closure", "ns::Class::method::{lambda(int)#1}::operator()", "Class::method"},
    // A23
    {"native.perf_offset", "foo+0x1b", "foo"},
    {"native.perf_offset", "tcp_sendmsg+0x1b", "tcp_sendmsg", FrameType::kKernel},
    {"native.perf_offset", "_ZN3foo3barEi+0x1b", "foo::bar", kNative, DemangleMode::kSimple, kName,
     kOther},
    // A25
    {"native.symbol_version", "malloc@plt", "malloc"},
    {"native.symbol_version", "memcpy@@GLIBC_2.14", "memcpy"},
    {"native.symbol_version", "memcpy@GLIBC_2.2.5", "memcpy"},
    {"native.symbol_version", "_ZNSs4swapERSs@@GLIBCXX_3.4", "std::string::swap", kNative,
     DemangleMode::kSimple, kName, kOther},
    // A27
    {"native.foreign_mangling", "$s4main3fooyyF", "$s4main3fooyyF"},
    {"native.foreign_mangling", "_D3foo3barFiZv", "_D3foo3barFiZv"},
};

TEST(NativeRulesTest, EachRowOfTheTableHolds) { ExpectCases(kCases); }

TEST(NativeRulesTest, GnuAndLlvmSpellingsOfOneFunctionBecomeOneName) {
  for (const DemangleMode mode : {DemangleMode::kSimple, kTemplates, kFull}) {
    const SymbolNormalizer normalizer = MakeNormalizer({.demangle = mode});
    EXPECT_EQ(NameAfter(normalizer, "void f<std::allocator<char> >(A<B<int> >)", kNative),
              NameAfter(normalizer, "void f<std::allocator<char>>(A<B<int>>)", kNative));
    EXPECT_EQ(
        NameAfter(normalizer, "std::basic_istream<char, std::char_traits<char> >::get()", kNative),
        NameAfter(normalizer, "std::istream::get()", kNative));
    EXPECT_EQ(NameAfter(normalizer, "m()::'lambda'(int)::operator()(int) const", kNative),
              NameAfter(normalizer, "m()::{lambda(int)#1}::operator()(int) const", kNative));
  }
}

TEST(NativeRulesTest, UnknownFramesAreCalledByTheirModule) {
  const SymbolNormalizer normalizer = MakeNormalizer();
  const auto name_in = [&](std::string_view mapping) {
    return normalizer.NormalizeFunctionName({.name = "[unknown]", .mapping_file = mapping}).text;
  };
  EXPECT_EQ(name_in("/usr/lib/libc.so.6"), "[libc.so.6]");
  EXPECT_EQ(name_in("/tmp/libzstd-jni-1.5.1-169313118982.so (deleted)"), "[libzstd-jni-_.so]");
  EXPECT_EQ(name_in("[vdso]"), "[vdso]");
  EXPECT_EQ(name_in(""), std::nullopt);
  const SymbolNormalizer off =
      MakeNormalizer({.switches = {{"native.unknown_name", SwitchState::kOff}}});
  EXPECT_EQ(off.NormalizeFunctionName({.name = "[unknown]", .mapping_file = "/a/b"}).text,
            std::nullopt);
}

TEST(NativeRulesTest, AFrameWithoutANameIsCalledByFileBuildAndAddress) {
  const SymbolNormalizer normalizer = MakeNormalizer();
  const AddressFrame frame{
      .mapping_file = "/usr/lib/libfoo.so", .build_id = "1a2b3c4d5e6f7788", .address = 0x1f30};
  EXPECT_EQ(normalizer.NameOfAddress(frame), "libfoo.so@1a2b3c4d+0x1f30");
  EXPECT_EQ(
      normalizer
          .NormalizeFunctionName({.name = "libfoo.so@1a2b3c4d+0x1f30", .type = FrameType::kNative})
          .text,
      std::nullopt);
  AddressFrame without = frame;
  without.build_id = "";
  EXPECT_EQ(normalizer.NameOfAddress(without), std::nullopt);
  without = frame;
  without.mapping_file = "";
  EXPECT_EQ(normalizer.NameOfAddress(without), std::nullopt);
  const SymbolNormalizer off =
      MakeNormalizer({.switches = {{"native.address_name", SwitchState::kOff}}});
  EXPECT_EQ(off.NameOfAddress(frame), std::nullopt);
}

TEST(NativeRulesTest, WhatIsNotUnderstoodStaysAsItIs) {
  const SymbolNormalizer normalizer = MakeNormalizer();
  for (const std::string_view name : {"main",
                                      "_start",
                                      "_Z",
                                      "_ZN3foo",
                                      "_ZN3fooEX",
                                      "foo<bar",
                                      "foo(bar",
                                      "foo)bar(",
                                      "a > b",
                                      "void (*ns::f(int))(char)",
                                      "(root)",
                                      "-[NSString stringWithFormat:]",
                                      "+[Foo bar:(int)baz]",
                                      "main.(*T).Foo",
                                      "Foo.<init>",
                                      "foo (in libbar)",
                                      "foo{bar",
                                      "operator",
                                      "+0x1b",
                                      "@plt",
                                      ".cold",
                                      "x.notaclone.3",
                                      "foo.isra",
                                      "a@b.example",
                                      "?foo@@YAXXZ",
                                      "0x7f001234",
                                      "std::__1::vector",
                                      "(anonymous namespace)::f"}) {
    EXPECT_EQ(NameAfter(normalizer, name, kNative), name);
  }
}

TEST(NativeRulesTest, UntypedNamesAreTouchedOnlyIfTheyCannotBeMistaken) {
  const SymbolNormalizer normalizer = MakeNormalizer();
  for (const std::string_view name :
       {"foo.cold", "foo::bar(int)", "foo(int) const", "foo+0x1b", "malloc@plt",
        "type..eq.k8s.io/api/core/v1.NodeSystemInfo", "List<int>.add(x)"}) {
    EXPECT_EQ(NameAfter(normalizer, name, FrameType::kAbsent), name);
    EXPECT_EQ(NameAfter(normalizer, name, FrameType::kUnknown), name);
  }
}

TEST(NativeRulesTest, ModeNoneLeavesMangledAndDemangledNames) {
  const SymbolNormalizer normalizer = MakeNormalizer({.demangle = DemangleMode::kNone});
  for (const std::string_view name :
       {"_ZN3foo3barEi", "_RNvC3foo3bar", "_ZN4main4main17he714a2e23ed7db23E", "foo::bar(int)"}) {
    EXPECT_EQ(NameAfter(normalizer, name, kNative), name);
  }
}

// Each parameter is a template of the one before, twice: 2^35 types in 200 bytes.
TEST(ItaniumDemanglerTest, RefusesBackReferencesThatWouldPrintGigabytes) {
  std::string name = "_Z1f1AIiiE";
  for (int i = 0; i < 35; ++i) {
    const char digit = static_cast<char>(i < 10 ? '0' + i : 'A' + i - 10);
    const std::string last = std::string("S") + digit + "_";
    name += "S_I" + last + last + "E";
    if (i == 3) {
      EXPECT_TRUE(DemangleItanium(name, CppDetail::kFull).has_value());
    }
  }
  EXPECT_EQ(DemangleItanium(name, CppDetail::kFull), std::nullopt);
  EXPECT_EQ(DemangleItanium(name, CppDetail::kName), "f");
}

TEST(ItaniumDemanglerTest, BoundsItsRecursion) {
  const std::string many = std::string(60'000, 'P');
  EXPECT_EQ(DemangleItanium("_Z1f" + many + "i", CppDetail::kFull), std::nullopt);
  std::string nested = "_Z1f";
  for (int i = 0; i < 20'000; ++i) nested += "1AI";
  EXPECT_EQ(DemangleItanium(nested, CppDetail::kFull), std::nullopt);
  std::string names = "_ZN";
  for (int i = 0; i < 20'000; ++i) names += "1a";
  EXPECT_EQ(DemangleItanium(names + "Ev", CppDetail::kFull), std::nullopt);
  // Each production that can hold itself, without end.
  for (const std::string_view unit :
       {"A_",   "M",    "F",    "Dv1_",   "DT",      "Dp", "u1aI", "U1a", "ITt",
        "IXpl", "IXcl", "IXil", "IXdi1a", "IXL_Z1g", "Tp", "Tn",   "J",   "Z",
        "B1b",  "W1a",  "IS_",  "IT_",    "O",       "K",  "sr",   "on",  "dn"}) {
    std::string name = "_Z1f";
    while (name.size() < 60'000) name += unit;
    (void)DemangleItanium(name, CppDetail::kFull);
    (void)DemangleItanium("_Z1fI" + name.substr(4), CppDetail::kName);
    (void)DemangleItanium("_Z1fITt" + name.substr(4), CppDetail::kName);
    (void)DemangleItanium("_Z1fIX" + name.substr(4), CppDetail::kName);
    (void)DemangleItanium("_ZN1a" + name.substr(4), CppDetail::kName);
  }
  std::string packs = "_Z1fIT";
  for (int i = 0; i < 1'000'000; ++i) packs += "Tt";
  EXPECT_EQ(DemangleItanium(packs, CppDetail::kFull), std::nullopt);
  std::string vendor = "_Z1f";
  for (int i = 0; i < 500'000; ++i) vendor += "u1aI";
  EXPECT_EQ(DemangleItanium(vendor, CppDetail::kFull), std::nullopt);
  // What people write is far below that.
  std::string deep = "_Z1f";
  for (int i = 0; i < 100; ++i) deep += "1AI";
  deep += "i" + std::string(100, 'E');
  EXPECT_TRUE(DemangleItanium(deep, CppDetail::kFull).has_value());
}

}  // namespace

std::span<const SymbolCase> NativeCases() { return kCases; }

}  // namespace flameway
