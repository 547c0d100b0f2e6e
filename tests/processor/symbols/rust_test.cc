// SPDX-License-Identifier: Apache-2.0
// Table A: names of Rust.
#include <gtest/gtest.h>

#include <string>

#include "processor/symbols/punycode.h"
#include "processor/symbols/rust_names.h"
#include "processor/symbols/rust_v0_demangler.h"
#include "tests/processor/symbols/symbol_cases.h"

namespace flameway {
namespace {

constexpr FrameType kNative = FrameType::kNative;
constexpr DemangleMode kSimple = DemangleMode::kSimple;
constexpr CaseText kName = CaseText::kName;
constexpr WithoutRule kOther = WithoutRule::kOther;

constexpr SymbolCase kCases[] = {
    {"native.rust_legacy", "_ZN4main4main17he714a2e23ed7db23E.resume", "main::main.resume", kNative,
     kSimple, kName, kOther},
    {"native.rust_v0", "_RNvC4main4main.resume", "main::main.resume"},
    {"native.rust_v0", "_RNvC4main4main.resume.llvm.12", "main::main.resume", kNative, kSimple,
     kName, kOther},
    {"native.rust_v0", "_RNvC4main4main.", "_RNvC4main4main."},
    {"native.rust_v0", "_RNvC4main4main.a b", "_RNvC4main4main.a b"},
    // A17
    {"native.rust_legacy",
     "_ZN50_$LT$$RF$mut$u20$W$u20$as$u20$core..fmt..Write$GT$10write_char17h40d2a72f9527ade5E.llvm."
     "5999636307758439825",
     "<&mut W as core::fmt::Write>::write_char", kNative, kSimple, kName, kOther},
    {"native.rust_legacy", "_ZN4main4main17he714a2e23ed7db23E", "main::main", kNative, kSimple,
     kName, kOther},
    {"native.rust_legacy", "_ZN5alloc3vec16Vec$LT$T$C$A$GT$4push17h0123456789abcdefE",
     "alloc::vec::Vec<T,A>::push", kNative, kSimple, kName, kOther},
    {"native.rust_legacy",
     "_ZN4core3ptr42drop_in_place$LT$alloc..string..String$GT$17h0123456789abcdefE",
     "core::ptr::drop_in_place<alloc::string::String>", FrameType::kAbsent, kSimple, kName, kOther},
    {"native.rust_legacy", "_ZN3foo28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE",
     "foo::{{closure}}", FrameType::kRust, kSimple, kName, kOther},
    // A18
    {"native.rust_half_demangled",
     "_$LT$std..fs..ReadDir$u20$as$u20$core..iter..traits..iterator..Iterator$GT$::next::"
     "hc14f1750ca79129b",
     "<std::fs::ReadDir as core::iter::traits::iterator::Iterator>::next"},
    {"native.rust_half_demangled", "std::sys::unix::fs::File::open::hb90e1c1c787080f0",
     "std::sys::unix::fs::File::open"},
    {"native.rust_half_demangled",
     "_$LT$F$u20$as$u20$alloc..boxed..FnBox$LT$A$GT$$GT$::call_box::h8612a2a83552fc2d",
     "<F as alloc::boxed::FnBox<A>>::call_box", FrameType::kAbsent},
    {"native.rust_half_demangled",
     "std::sync::mpsc::shared::Packet$LT$T$GT$::recv::hfde2d9e28d13fd56",
     "std::sync::mpsc::shared::Packet<T>::recv"},
    // A19
    {"native.rust_closure_escape",
     "rg::search_parallel::_$u7b$$u7b$closure$u7d$$u7d$::h6e849b55a66fcd85",
     "rg::search_parallel::_{{closure}}", kNative, kSimple, kName, kOther},
    {"native.rust_closure_escape", "rg::search_parallel::_$u7b$$u7b$closure$u7d$$u7d$",
     "rg::search_parallel::_{{closure}}"},
    // A20
    {"native.rust_v0", "_RNvNtCs3DbgFVJHPWp_7mycrate5inner3foo", "mycrate::inner::foo"},
    {"native.rust_v0", "_RNvNtCs3DbgFVJHPWp_7mycrate5inner3foo.llvm.9D1C9369",
     "mycrate::inner::foo", kNative, kSimple, kName, kOther},
    {"native.rust_v0", "__RNvNtCs3DbgFVJHPWp_7mycrate5inner3foo", "mycrate::inner::foo",
     FrameType::kAbsent},
    // A21
    {"native.rust_crate_hash", "mycrate[2a4dc1319bacce8b]::inner::foo", "mycrate::inner::foo"},
    {"native.rust_crate_hash", "<a[2a4dc1319bacce8b]::T as b[1a4dc1319bacce8c]::U>::f",
     "<a::T as b::U>::f"},
    // A22
    {"native.not_rust", "_RustIsNotTheOnlyLangWhoseSymbolsCanStartWith_R",
     "_RustIsNotTheOnlyLangWhoseSymbolsCanStartWith_R"},
    {"native.not_rust", "_RNvNotReally", "_RNvNotReally"},
};

TEST(RustRulesTest, EachRowOfTheTableHolds) { ExpectCases(kCases); }

TEST(RustRulesTest, DemangledRustNamesAreNotTakenForCpp) {
  const SymbolNormalizer normalizer = MakeNormalizer();
  for (const std::string_view name :
       {"<T as core::convert::Into<U>>::into", "alloc::vec::Vec<T,A>::push",
        "core::slice::<impl [T]>::iter", "<[u8] as core::fmt::Debug>::fmt",
        "<(A,B) as core::fmt::Debug>::fmt", "alloc::alloc::box_free::<dyn alloc::boxed::FnBox<()>>",
        "hyper::proto::h1::conn::Conn<I,B,T>::poll_read", "std::io::Read for Vec<u8>::read",
        "core::ops::function::FnOnce::call_once{{vtable.shim}}", "foo::Bar<&mut T>::baz",
        "foo::Bar<'a>::baz", "core::ptr::drop_in_place<alloc::string::String>"}) {
    EXPECT_EQ(NameAfter(normalizer, name, kNative), name);
  }
}

TEST(RustV0DemanglerTest, RefusesBackReferencesThatDoubleTheOutput) {
  // Each tuple refers twice to the one before: 2^60 types.
  std::string name = "_RIC1a";
  std::string digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const auto base62 = [&digits](size_t value) {
    if (value == 0) return std::string("_");
    --value;
    std::string text;
    do {
      text.insert(text.begin(), digits[value % 62]);
      value /= 62;
    } while (value > 0);
    return text + "_";
  };
  size_t last = name.size() - 2;
  name += "TuuE";
  for (int i = 0; i < 60; ++i) {
    const size_t here = name.size() - 2;
    name += "TB" + base62(last) + "B" + base62(last) + "E";
    last = here;
  }
  EXPECT_EQ(DemangleRustV0(name + "E"), std::nullopt);
}

TEST(RustV0DemanglerTest, RefusesAnOutputThatIsMuchLongerThanTheName) {
  // A type of 5,000 letters, and 20 references to it, each of three bytes.
  const std::string type = "NtC1a5000_" + std::string(5'000, 'x');
  std::string few = "_RIC1a" + type;
  for (int i = 0; i < 3; ++i) few += "B3_";
  EXPECT_TRUE(DemangleRustV0(few + "E").has_value());
  std::string many = "_RIC1a" + type;
  for (int i = 0; i < 20; ++i) many += "B3_";
  EXPECT_EQ(DemangleRustV0(many + "E"), std::nullopt);
}

TEST(RustV0DemanglerTest, BoundsItsRecursion) {
  EXPECT_EQ(DemangleRustV0("_RMC1a" + std::string(60'000, 'S') + "u"), std::nullopt);
  EXPECT_EQ(DemangleRustV0("_R" + std::string(60'000, 'M')), std::nullopt);
  EXPECT_EQ(DemangleRustV0("_RMC1a" + std::string(100, 'S') + "h"),
            "<" + std::string(100, '[') + "u8" + std::string(100, ']') + ">");
}

TEST(RustV0DemanglerTest, EveryPrefixOfAValidNameIsRefusedOrAName) {
  const std::string name =
      "_RINbNbCskIICzLVDPPb_5alloc5alloc8box_freeDINbNiB4_5boxed5FnBoxuEp6OutputuEL_"
      "ECs1iopQbuBiw2_3std";
  EXPECT_TRUE(DemangleRustV0(name).has_value());
  for (size_t size = 0; size < name.size(); ++size) {
    const std::optional<std::string> prefix = DemangleRustV0(name.substr(0, size));
    if (prefix) {
      EXPECT_FALSE(prefix->empty());
    }
  }
}

TEST(PunycodeTest, DecodesWhatTheStandardShows) {
  EXPECT_EQ(DecodePunycode("bcher", "kva"),
            "b\xC3\xBC"
            "cher");
  EXPECT_EQ(DecodePunycode("", "egbpdaj6bu4bxfgehfvwxn"),
            "\xD9\x84\xD9\x8A\xD9\x87\xD9\x85\xD8\xA7\xD8\xA8\xD8\xAA\xD9\x83\xD9\x84\xD9\x85\xD9"
            "\x88\xD8\xB4\xD8\xB9\xD8\xB1\xD8\xA8\xD9\x8A\xD8\x9F");
  EXPECT_EQ(DecodePunycode("a", "99999999"), std::nullopt);
  EXPECT_EQ(DecodePunycode("a", ""), std::nullopt);
  EXPECT_EQ(DecodePunycode("", std::string(10'000, 'a')), std::nullopt);
}

}  // namespace

std::span<const SymbolCase> RustCases() { return kCases; }

}  // namespace flameway
