// Decodes a JPEG with the libjpeg-turbo inside TensorFlow and resizes it, on a thread of libuv's pool.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>

#include "arguments.h"
#include "own.h"
#include "resample.h"

// As in tensorflow/core/lib/jpeg/jpeg_mem.h of 2.21, whose own headers are not set up.
namespace tensorflow {
namespace jpeg {

struct UncompressFlags {
  int ratio = 1;
  int components = 0;
  bool fancy_upscaling = true;
  bool try_recover_truncated_jpeg = false;
  float min_acceptable_fraction = 1.0;
  int stride = 0;
  int dct_method = 0;  // JDCT_ISLOW, which is exact
  bool crop = false;
  int crop_x = 0;
  int crop_y = 0;
  int crop_width = 0;
  int crop_height = 0;
};

uint8_t* Uncompress(const void* data, int bytes, const UncompressFlags& flags, int64_t* warnings,
                    std::function<uint8_t*(int, int, int)> allocate);

}  // namespace jpeg
}  // namespace tensorflow

namespace {

enum Argument { kBytes, kPicture, kAcross, kDown, kResult, kArguments };

/** What is written is `result`; JavaScript keeps all five alive until the promise is settled. */
struct Job {
  napi_deferred promise = nullptr;
  napi_async_work work = nullptr;
  napi_ref kept[kArguments] = {};
  const uint8_t* bytes = nullptr;
  size_t size = 0;
  int width = 0;
  int height = 0;
  int channels = 0;
  Coefficients across{};
  Coefficients down{};
  uint8_t* result = nullptr;
  bool done = false;
};

/** One Int32Array: how many outputs, how many taps, then `first`, `count` and `weights`. All within `input` pixels. */
bool read_coefficients(napi_env env, napi_value value, int input, Coefficients* read) {
  int32_t* data = nullptr;
  size_t length = 0;
  if (!read_array(env, value, napi_int32_array, &data, &length) || length < 2) return false;
  if (data[0] < 1 || data[1] < 1) return false;
  const size_t output = data[0];
  const size_t taps = data[1];
  if (length != 2 + output * (2 + taps)) return false;
  *read = {output, taps, data + 2, data + 2 + output, data + 2 + 2 * output};
  int64_t begin = 0;
  int64_t end = 1;
  for (size_t at = 0; at < output; at++) {
    const int64_t first = read->first[at];
    const int64_t count = read->count[at];
    // Neither end may go back: the rows between the first and the last are all that is kept.
    if (first < begin || count < 1 || count > data[1] || first + count < end || first + count > input) return false;
    begin = first;
    end = first + count;
  }
  return true;
}

bool read_job(napi_env env, const napi_value* arguments, Job* job) {
  uint8_t* bytes = nullptr;
  int32_t* picture = nullptr;
  size_t numbers = 0;
  size_t room = 0;
  if (!read_array(env, arguments[kBytes], napi_uint8_array, &bytes, &job->size) || job->size > INT32_MAX) return false;
  if (!read_array(env, arguments[kPicture], napi_int32_array, &picture, &numbers) || numbers != 3) return false;
  job->bytes = bytes;
  job->width = picture[0];
  job->height = picture[1];
  job->channels = picture[2];
  return job->width > 0 && job->height > 0 && (job->channels == 1 || job->channels == 3) &&
         read_coefficients(env, arguments[kAcross], job->width, &job->across) &&
         read_coefficients(env, arguments[kDown], job->height, &job->down) &&
         read_array(env, arguments[kResult], napi_uint8_array, &job->result, &room) &&
         room == job->across.output * job->down.output * job->channels;
}

/** Leaves `done` false for whatever is not exactly as the header said: libvips then says what is wrong. */
void run(napi_env, void* data) {
  Job& job = *static_cast<Job*>(data);
  const size_t size = static_cast<size_t>(job.width) * job.height * job.channels;
  std::unique_ptr<uint8_t[]> pixels(new (std::nothrow) uint8_t[size + kReadBehind]);
  if (pixels == nullptr) return;
  tensorflow::jpeg::UncompressFlags flags;
  flags.components = job.channels;
  int64_t warnings = 0;
  const auto allocate = [&](int width, int height, int channels) -> uint8_t* {
    const bool same = width == job.width && height == job.height && channels == job.channels;
    return same ? pixels.get() : nullptr;
  };
  const bool decoded =
      tensorflow::jpeg::Uncompress(job.bytes, static_cast<int>(job.size), flags, &warnings, allocate) != nullptr;
  // libjpeg counts damage as a warning and goes on with grey.
  if (!decoded || warnings != 0) return;
  resample({pixels.get(), static_cast<size_t>(job.width), static_cast<size_t>(job.height),
            static_cast<size_t>(job.channels)},
           job.across, job.down, job.result);
  job.done = true;
}

void settle(napi_env env, napi_status, void* data) {
  const std::unique_ptr<Job> job(static_cast<Job*>(data));
  napi_value done = nullptr;
  napi_get_boolean(env, job->done, &done);
  napi_resolve_deferred(env, job->promise, done);
  for (napi_ref kept : job->kept) napi_delete_reference(env, kept);
  napi_delete_async_work(env, job->work);
}

}  // namespace

napi_value shrink_jpeg(napi_env env, napi_callback_info info) {
  napi_value arguments[kArguments] = {};
  size_t count = kArguments;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  auto job = std::make_unique<Job>();
  if (count != kArguments || !read_job(env, arguments, job.get())) {
    napi_throw_type_error(env, nullptr, "shrinkJpeg: the arguments do not fit each other");
    return nullptr;
  }
  napi_value promise = nullptr;
  napi_value name = nullptr;
  napi_create_promise(env, &job->promise, &promise);
  for (int at = 0; at < kArguments; at++) napi_create_reference(env, arguments[at], 1, &job->kept[at]);
  napi_create_string_utf8(env, "shrinkJpeg", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, run, settle, job.get(), &job->work);
  napi_queue_async_work(env, job.release()->work);
  return promise;
}
