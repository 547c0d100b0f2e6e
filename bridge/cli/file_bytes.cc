// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/file_bytes.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "bridge/cli/status_message.h"
#include "fmt/format.h"

namespace flameway {
namespace {

constexpr size_t kChunkBytes = size_t{256} << 10;
// The largest window that the zstd tool itself accepts without being asked for more.
constexpr int kMaxWindowLog = 27;
constexpr std::string_view kGzipMagic("\x1f\x8b", 2);
constexpr std::string_view kZstdMagic("\x28\xb5\x2f\xfd", 4);

// Takes the file chunk by chunk; the kinds differ in what they append. The end of the input and a
// content that is not complete are different results, told apart by `complete`.
class Unpacker {
 public:
  virtual ~Unpacker() = default;
  // Appends what `chunk` unpacks to, never beyond `max_bytes` in `out`.
  [[nodiscard]] virtual absl::Status Take(std::string_view chunk, size_t max_bytes,
                                          std::string* out) = 0;
  [[nodiscard]] virtual bool complete() const = 0;
};

absl::Status TooLarge(size_t max_bytes) {
  return absl::ResourceExhaustedError(
      fmt::format("holds more than {} bytes unpacked; raise --max-input-bytes", max_bytes));
}

// Room for the next piece of output: doubles, within the cap. Returns false at the cap.
bool GrowFor(size_t max_bytes, size_t used, std::string* out) {
  if (used < out->size()) return true;
  if (out->size() >= max_bytes) return false;
  out->resize(std::min(max_bytes, std::max(2 * out->size(), kChunkBytes)));
  return true;
}

class PlainUnpacker final : public Unpacker {
 public:
  absl::Status Take(std::string_view chunk, size_t max_bytes, std::string* out) override {
    if (chunk.size() > max_bytes - out->size()) return TooLarge(max_bytes);
    out->append(chunk);
    return absl::OkStatus();
  }
  bool complete() const override { return true; }
};

class GzipUnpacker final : public Unpacker {
 public:
  GzipUnpacker() { ok_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }
  ~GzipUnpacker() override { inflateEnd(&stream_); }
  GzipUnpacker(const GzipUnpacker&) = delete;
  GzipUnpacker& operator=(const GzipUnpacker&) = delete;

  absl::Status Take(std::string_view chunk, size_t max_bytes, std::string* out) override {
    if (!ok_) return absl::InternalError("cannot start zlib");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(chunk.data()));
    stream_.avail_in = static_cast<uInt>(chunk.size());
    size_t used = out->size();
    while (stream_.avail_in > 0 || full_) {
      if (complete_ && stream_.avail_in > 0) {  // the next member
        inflateReset(&stream_);
        complete_ = false;
      }
      if (!GrowFor(max_bytes, used, out)) return TooLarge(max_bytes);
      const size_t room = std::min<size_t>(out->size() - used, size_t{1} << 30);
      stream_.next_out = reinterpret_cast<Bytef*>(out->data() + used);
      stream_.avail_out = static_cast<uInt>(room);
      const int code = inflate(&stream_, Z_NO_FLUSH);
      used += room - stream_.avail_out;
      full_ = stream_.avail_out == 0 && code == Z_OK;
      if (code == Z_STREAM_END) {
        complete_ = true;
      } else if (code == Z_BUF_ERROR) {
        break;  // nothing left to do with this input
      } else if (code != Z_OK) {
        return absl::DataLossError(
            fmt::format("gzip is damaged ({})", stream_.msg != nullptr ? stream_.msg : "inflate"));
      }
    }
    out->resize(used);
    return absl::OkStatus();
  }
  bool complete() const override { return complete_; }

 private:
  z_stream stream_{};
  bool ok_ = false;
  bool complete_ = false;
  bool full_ = false;  // the output ended before zlib's own buffer did
};

class ZstdUnpacker final : public Unpacker {
 public:
  ZstdUnpacker() : context_(ZSTD_createDCtx()) {
    if (context_ != nullptr) {
      ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
    }
  }

  absl::Status Take(std::string_view chunk, size_t max_bytes, std::string* out) override {
    if (context_ == nullptr) return absl::InternalError("cannot start zstd");
    ZSTD_inBuffer input{chunk.data(), chunk.size(), 0};
    size_t used = out->size();
    bool full = false;
    while (input.pos < input.size || full) {
      if (!GrowFor(max_bytes, used, out)) return TooLarge(max_bytes);
      ZSTD_outBuffer output{out->data(), out->size(), used};
      const size_t code = ZSTD_decompressStream(context_.get(), &output, &input);
      if (ZSTD_isError(code) != 0) {
        return absl::DataLossError(fmt::format("zstd is damaged ({})", ZSTD_getErrorName(code)));
      }
      used = output.pos;
      complete_ = code == 0;
      full = !complete_ && output.pos == output.size;
    }
    out->resize(used);
    return absl::OkStatus();
  }
  bool complete() const override { return complete_; }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_;
  bool complete_ = false;
};

std::unique_ptr<Unpacker> UnpackerFor(std::string_view start) {
  if (start.starts_with(kGzipMagic)) return std::make_unique<GzipUnpacker>();
  if (start.starts_with(kZstdMagic)) return std::make_unique<ZstdUnpacker>();
  return std::make_unique<PlainUnpacker>();
}

absl::StatusOr<FileBytes> ReadStream(std::istream& stream, size_t max_bytes) {
  FileBytes file;
  std::unique_ptr<Unpacker> unpacker;
  const auto chunk = std::make_unique<std::array<char, kChunkBytes>>();
  while (stream) {
    stream.read(chunk->data(), static_cast<std::streamsize>(chunk->size()));
    const size_t size = static_cast<size_t>(stream.gcount());
    if (size == 0) break;
    const std::string_view piece(chunk->data(), size);
    if (unpacker == nullptr) unpacker = UnpackerFor(piece);
    const absl::Status status = unpacker->Take(piece, max_bytes, &file.bytes);
    if (!status.ok()) {
      if (status.code() != absl::StatusCode::kDataLoss) return status;
      return absl::DataLossError(fmt::format("{} between bytes {} and {}; fetch the file again",
                                             MessageOf(status), file.stored_bytes,
                                             file.stored_bytes + size));
    }
    file.stored_bytes += size;
  }
  if (stream.bad()) return absl::UnknownError("read failed");
  if (unpacker != nullptr && !unpacker->complete()) {
    return absl::DataLossError(fmt::format(
        "the compressed content ends early, at byte {}; fetch the file again", file.stored_bytes));
  }
  return file;
}

}  // namespace

absl::StatusOr<FileBytes> ReadFileBytes(const std::string& path, std::istream& standard_input,
                                        size_t max_bytes) {
  if (path == "-") {
    absl::StatusOr<FileBytes> file = ReadStream(standard_input, max_bytes);
    if (!file.ok()) return StatusAt("standard input", file.status());
    return file;
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    const std::string reason = std::generic_category().message(errno);
    if (errno == EACCES) {
      return absl::PermissionDeniedError(fmt::format("{}: {}", path, reason));
    }
    return absl::NotFoundError(fmt::format("{}: {}", path, reason));
  }
  absl::StatusOr<FileBytes> file = ReadStream(stream, max_bytes);
  if (!file.ok()) return StatusAt(path, file.status());
  return file;
}

}  // namespace flameway
