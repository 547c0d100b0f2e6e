// SPDX-License-Identifier: Apache-2.0
// The main of a fuzz target in builds without libFuzzer: feeds it every file named on the command
// line, and every file below a folder named there, in sorted order. Finding no input at all is a
// failure: it would prove nothing.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;

// The regular files at or below `path`; nothing when it does not exist.
std::vector<fs::path> FilesBelow(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return {path};
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_regular_file()) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  size_t inputs = 0;
  for (int i = 1; i < argc; ++i) {
    const std::vector<fs::path> files = FilesBelow(argv[i]);
    if (files.empty()) {
      std::fprintf(stderr, "%s: no input there\n", argv[i]);
      return 1;
    }
    for (const fs::path& file : files) {
      std::ifstream stream(file, std::ios::binary);
      const std::string bytes(std::istreambuf_iterator<char>(stream), {});
      if (stream.bad() || !stream.is_open()) {
        std::fprintf(stderr, "%s: cannot be read\n", file.c_str());
        return 1;
      }
      // Printed before the call, so that a crash names its input.
      std::printf("%s (%zu bytes)\n", file.c_str(), bytes.size());
      std::fflush(stdout);
      LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
      ++inputs;
    }
  }
  std::printf("%zu inputs replayed\n", inputs);
  if (inputs == 0) std::fprintf(stderr, "usage: %s FILE_OR_FOLDER...\n", argv[0]);
  return inputs == 0 ? 1 : 0;
}
