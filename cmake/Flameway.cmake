# SPDX-License-Identifier: Apache-2.0
# The four ways to add code: flameway_library, flameway_test, flameway_bench, flameway_fuzz.
# All take explicit file lists; flags are scoped to our own targets.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

find_program(FLAMEWAY_CCACHE ccache)
if(FLAMEWAY_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${FLAMEWAY_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${FLAMEWAY_CCACHE}")
endif()

if(FLAMEWAY_SANITIZER)
  add_compile_options(-fsanitize=${FLAMEWAY_SANITIZER} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FLAMEWAY_SANITIZER})
endif()

# What libFuzzer steers by: the product's code, but not the oracles it is compared with.
set(FLAMEWAY_COVERAGE)
if(FLAMEWAY_LIBFUZZER)
  set(FLAMEWAY_COVERAGE -fsanitize=fuzzer-no-link)
endif()

# Warnings of our own code; generated code and libraries are not ours to warn about.
add_library(flameway_flags INTERFACE)
target_compile_options(flameway_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror
  -Wno-missing-field-initializers  # designated initializers leave the rest at its default on purpose
  # GCC 12 sees overlaps in std::string that cannot be (its bug 105651), and its TSan knows no fences, which Boost uses.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
target_include_directories(flameway_flags INTERFACE "${CMAKE_SOURCE_DIR}")

# flameway_library(NAME SRCS ... HDRS ... DEPS ... [DEFINES ...])
# A header reads alone: where its source stands beside it, because that includes it first (tests/layers checks
# this); the other HDRS are compiled alone by the target all_verify_interface_header_sets.
function(flameway_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;HDRS;DEPS;DEFINES" ${ARGN})
  if(ARG_SRCS)
    add_library(${name} STATIC ${ARG_SRCS})
    set(scope PUBLIC)
    target_link_libraries(${name} PRIVATE flameway_flags)
    if(NOT CMAKE_CURRENT_SOURCE_DIR MATCHES "^${CMAKE_SOURCE_DIR}/tests")
      target_compile_options(${name} PRIVATE ${FLAMEWAY_COVERAGE})
    endif()
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${name} ${scope} "${CMAKE_SOURCE_DIR}")
  set(lone_headers ${ARG_HDRS})
  foreach(source IN LISTS ARG_SRCS)
    string(REGEX REPLACE "\\.cc$" ".h" header "${source}")
    list(REMOVE_ITEM lone_headers "${header}")
  endforeach()
  if(lone_headers)
    target_sources(${name} ${scope} FILE_SET HEADERS BASE_DIRS "${CMAKE_SOURCE_DIR}" FILES ${lone_headers})
    set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  endif()
  target_link_libraries(${name} ${scope} ${ARG_DEPS})
  target_compile_definitions(${name} ${scope} ${ARG_DEFINES})
endfunction()

# flameway_test(NAME SRCS ... DEPS ...): one GoogleTest program; each test in it is a ctest test.
function(flameway_test name)
  cmake_parse_arguments(ARG "" "PREFIX" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} flameway_flags GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${ARG_PREFIX}"
                       PROPERTIES TIMEOUT 300 WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
endfunction()

# flameway_bench(NAME SRCS ... DEPS ...): a google-benchmark program, built always, timed by ./dev bench.
function(flameway_bench name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} flameway_flags benchmark::benchmark)
endfunction()

# flameway_fuzz(NAME SRCS ... DEPS ...): with libFuzzer a fuzzer; without, a program that replays the files
# and folders named on its command line, run by ctest over the seed corpus tests/fuzz/corpus/NAME.
function(flameway_fuzz name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} flameway_flags)
  if(FLAMEWAY_LIBFUZZER)
    target_compile_options(${name} PRIVATE ${FLAMEWAY_COVERAGE})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc")
    add_test(NAME ${name}_replays_its_corpus
             COMMAND ${name} "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}")
  endif()
endfunction()
