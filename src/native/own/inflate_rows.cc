// Inflates with the zlib inside Node. Node's own way makes a stream and buffers for each picture: two fifths of the time of a
// small one, and work for the garbage collector.
#include <climits>
#include <cstddef>
#include <cstdint>

#include "arguments.h"
#include "own.h"

#if __has_include(<zlib.h>)
#include <zlib.h>

// Null where this Node keeps its zlib to itself.
extern "C" {
[[gnu::weak]] int inflateInit_(z_streamp stream, const char* version, int size);
[[gnu::weak]] int inflateReset(z_streamp stream);
[[gnu::weak]] int inflate(z_streamp stream, int flush);
[[gnu::weak]] int inflateEnd(z_streamp stream);
}

namespace {

/** One for each thread, and for all of its pictures. */
struct Stream {
  z_stream state{};
  bool usable = inflateInit_ != nullptr && inflateReset != nullptr && inflate != nullptr && inflateEnd != nullptr &&
                inflateInit(&state) == Z_OK;
  ~Stream() {
    if (usable) inflateEnd(&state);
  }
};

thread_local Stream stream;

bool is_usable() { return stream.usable; }

/** At most `room` bytes are ever written. */
bool fills(const uint8_t* data, size_t size, uint8_t* rows, size_t room) {
  z_stream& state = stream.state;
  if (size > UINT_MAX || room > UINT_MAX || inflateReset(&state) != Z_OK) return false;
  state.next_in = const_cast<uint8_t*>(data);
  state.avail_in = static_cast<unsigned>(size);
  state.next_out = rows;
  state.avail_out = static_cast<unsigned>(room);
  return inflate(&state, Z_FINISH) == Z_STREAM_END && state.avail_out == 0;
}

}  // namespace
#else
namespace {

bool is_usable() { return false; }
bool fills(const uint8_t*, size_t, uint8_t*, size_t) { return false; }

}  // namespace
#endif

napi_value inflate_rows(napi_env env, napi_callback_info info) {
  enum Argument { kData, kRows, kArguments };
  napi_value arguments[kArguments] = {};
  size_t count = kArguments;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  uint8_t* data = nullptr;
  uint8_t* rows = nullptr;
  size_t size = 0;
  size_t room = 0;
  if (count != kArguments || !read_array(env, arguments[kData], napi_uint8_array, &data, &size) ||
      !read_array(env, arguments[kRows], napi_uint8_array, &rows, &room)) {
    napi_throw_type_error(env, nullptr, "inflateRows: two arrays of bytes are needed");
    return nullptr;
  }
  if (!is_usable()) return nullptr;
  napi_value filled = nullptr;
  napi_get_boolean(env, fills(data, size, rows, room), &filled);
  return filled;
}
