// SPDX-License-Identifier: Apache-2.0
#include "tests/support/corpus.h"

#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "tests/support/renumber.h"

namespace flameway {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLengthBytes = 4;

fs::path SharedFolder() {
  const char* folder = std::getenv("FLAMEWAY_SHARED_DATA");
  return folder != nullptr ? fs::path(folder) : fs::path("../shared/data");
}

absl::StatusOr<std::string> DecompressZstd(std::string_view bytes) {
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  std::string out;
  std::vector<char> chunk(ZSTD_DStreamOutSize());
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  size_t hint = 1;
  bool chunk_was_full = false;
  while (in.pos < in.size || (chunk_was_full && hint != 0)) {
    ZSTD_outBuffer piece{chunk.data(), chunk.size(), 0};
    hint = ZSTD_decompressStream(context.get(), &piece, &in);
    if (ZSTD_isError(hint) != 0) {
      return absl::InvalidArgumentError(std::string("zstd: ") + ZSTD_getErrorName(hint));
    }
    out.append(chunk.data(), piece.pos);
    chunk_was_full = piece.pos == piece.size;
  }
  if (hint != 0) return absl::InvalidArgumentError("zstd: the last frame is cut off");
  return out;
}

size_t BigEndianLength(std::string_view bytes) {
  size_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) length = length << 8 | static_cast<uint8_t>(bytes[i]);
  return length;
}

}  // namespace

std::optional<std::string> FindSharedFile(std::string_view relative_path) {
  const fs::path path = SharedFolder() / relative_path;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  return path.string();
}

std::vector<std::string> FindSharedFiles(std::string_view relative_folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry :
       fs::recursive_directory_iterator(SharedFolder() / relative_folder, error)) {
    const std::string path = entry.path().string();
    if (path.ends_with(".otlp") || path.ends_with(".otlp.zst")) paths.push_back(path);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError("cannot open " + path);
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) return absl::DataLossError("cannot read " + path);
  return path.ends_with(".zst") ? DecompressZstd(bytes) : std::move(bytes);
}

std::vector<std::string> SplitRequests(std::string_view file) {
  std::vector<std::string> requests;
  std::string_view rest = file;
  while (rest.size() >= kLengthBytes) {
    const size_t length = BigEndianLength(rest);
    rest.remove_prefix(kLengthBytes);
    if (length > rest.size()) return {std::string(file)};
    requests.emplace_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  if (!rest.empty()) return {std::string(file)};
  return requests;
}

absl::StatusOr<std::vector<std::string>> ReadRequests(const std::string& path) {
  const absl::StatusOr<std::string> file = ReadFile(path);
  if (!file.ok()) return file.status();
  return SplitRequests(*file);
}

absl::StatusOr<schema::ExportProfilesServiceRequest> ParseRequest(std::string_view bytes,
                                                                  Dialect dialect) {
  std::string current(bytes);
  if (dialect != Dialect::kV1_10) {
    absl::StatusOr<std::string> renumbered = Renumber(bytes, dialect, Dialect::kV1_10);
    if (!renumbered.ok()) return renumbered.status();
    current = *std::move(renumbered);
  }
  schema::ExportProfilesServiceRequest request;
  if (!request.ParseFromString(current)) {
    return absl::InvalidArgumentError("libprotobuf refuses the request");
  }
  return request;
}

}  // namespace flameway
