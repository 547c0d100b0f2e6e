# SPDX-License-Identifier: Apache-2.0
# Everything comes from Debian packages (./dev deps); nothing is downloaded here.

find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
include(GoogleTest)

find_package(PkgConfig REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(LIBDEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
find_package(Snappy CONFIG REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)

# Only its headers are built against: by bench/stage_count, which marks what callgrind counts.
find_path(FLAMEWAY_VALGRIND_INCLUDE valgrind/callgrind.h REQUIRED
          DOC "Headers of valgrind (package valgrind)")

# LLVM's demangler for C++ is a header that a program may set up for itself (see
# processor/symbols/itanium_demangler.cc); no LLVM library is linked.
find_path(FLAMEWAY_LLVM_INCLUDE llvm/Demangle/ItaniumDemangle.h
          PATHS /usr/lib/llvm-19/include /usr/include/llvm-19 NO_DEFAULT_PATH REQUIRED
          DOC "Headers of LLVM 19 (package llvm-19-dev)")
add_library(flameway_llvm_demangle INTERFACE)
target_include_directories(flameway_llvm_demangle SYSTEM INTERFACE "${FLAMEWAY_LLVM_INCLUDE}")
