// SPDX-License-Identifier: Apache-2.0
// Table E: names of the kernel.
#include <gtest/gtest.h>

#include "tests/processor/symbols/symbol_cases.h"

namespace flameway {
namespace {

constexpr FrameType kKernel = FrameType::kKernel;
constexpr DemangleMode kSimple = DemangleMode::kSimple;

constexpr SymbolCase kCases[] = {
    // E1
    {"kernel.annotation", "tcp_sendmsg_[k]", "tcp_sendmsg", kKernel},
    {"kernel.annotation", "tcp_sendmsg_[k]", "tcp_sendmsg", FrameType::kAbsent},
    // E2
    {"kernel.clone_suffix", "tcp_v4_rcv.isra.0", "tcp_v4_rcv", kKernel},
    {"kernel.clone_suffix", "tcp_v4_rcv.constprop.0.cold", "tcp_v4_rcv", kKernel},
    {"kernel.clone_suffix", "do_one_initcall.llvm.12345", "do_one_initcall", kKernel},
    // E3
    {"kernel.syscall_wrapper", "__x64_sys_write", "sys_write", kKernel},
    {"kernel.syscall_wrapper", "__arm64_sys_write", "sys_write", kKernel},
    {"kernel.syscall_wrapper", "ksys_write", "sys_write", kKernel},
    // E4
    {"kernel.bpf_program", "bpf_prog_6deef7357e7b4530_sd_devices", "bpf_prog_sd_devices", kKernel},
    {"kernel.bpf_program", "bpf_prog_6deef7357e7b4530", "bpf_prog_6deef7357e7b4530", kKernel},
    // E5
    {"kernel.prefix", "__pfx_foo", "foo", kKernel},
    // E6
    {"kernel.module", "[nf_conntrack]", "[nf_conntrack]", kKernel, kSimple, CaseText::kMapping},
    {"kernel.module", "nf_conntrack_in [nf_conntrack]", "nf_conntrack_in", kKernel},
    {"kernel.module", "vmlinux-5.4.0-14-generic", "vmlinux", kKernel, kSimple, CaseText::kMapping},
    {"kernel.module", "/usr/lib/debug/boot/vmlinux-5.4.0-14-generic", "vmlinux", FrameType::kAbsent,
     kSimple, CaseText::kMapping},
};

TEST(KernelRulesTest, EachRowOfTheTableHolds) { ExpectCases(kCases); }

TEST(KernelRulesTest, TheMarkBecomesTheFrameType) {
  const auto result = MakeNormalizer().NormalizeFunctionName({.name = "tcp_v4_rcv.isra.0_[k]"});
  EXPECT_EQ(result.text, "tcp_v4_rcv");
  EXPECT_EQ(result.learnt_type, kKernel);
}

TEST(KernelRulesTest, TheAreaIsToldByTheLongestStartThatFits) {
  const SymbolNormalizer on = MakeNormalizer({.switches = {{"kernel.area", SwitchState::kOn}}});
  EXPECT_EQ(on.KernelArea("tcp_recvmsg", kKernel), "network/tcp/read");
  EXPECT_EQ(on.KernelArea("tcp_recvmsg_locked", kKernel), "network/tcp/read");
  EXPECT_EQ(on.KernelArea("tcp_ack", kKernel), "network/tcp");
  EXPECT_EQ(on.KernelArea("vfs_write", kKernel), "file/write");
  EXPECT_EQ(on.KernelArea("memcpy", kKernel), "");
  EXPECT_EQ(on.KernelArea("tcp_recvmsg", FrameType::kNative), "");
  EXPECT_EQ(MakeNormalizer().KernelArea("tcp_recvmsg", kKernel), "");
}

}  // namespace

std::span<const SymbolCase> KernelCases() { return kCases; }

}  // namespace flameway
