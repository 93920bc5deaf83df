// How long V8 stopped this thread each time to collect garbage. Node tells of it, too, but by an object with a hidden class
// of its own, and 3 KB of it outlived the next collections of young objects: most of what they had to keep (docs/adr/0008).
#include <v8.h>

#include <chrono>
#include <vector>

#include "arguments.h"
#include "own.h"

namespace {

using Clock = std::chrono::steady_clock;

/** In the order of the arguments. */
enum Kind : size_t { kMinor, kMajor, kIncremental, kWeak, kKinds };

Kind kind_of(v8::GCType type) {
  switch (type) {
    case v8::kGCTypeMarkSweepCompact: return kMajor;
    case v8::kGCTypeIncrementalMarking: return kIncremental;
    case v8::kGCTypeProcessWeakCallbacks: return kWeak;
    default: return kMinor;
  }
}

struct Watch {
  std::vector<double> bounds;
  /** Of each kind: how many were not above each bound, but above the one before; above them all; seconds. */
  double* cells[kKinds] = {};
  napi_ref kept[kKinds] = {};
  Clock::time_point begun;
};

void begin(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* data) {
  static_cast<Watch*>(data)->begun = Clock::now();
}

void end(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* data) {
  const auto* watch = static_cast<Watch*>(data);
  const double seconds = std::chrono::duration<double>(Clock::now() - watch->begun).count();
  size_t at = 0;
  while (at < watch->bounds.size() && seconds > watch->bounds[at]) at++;
  double* cells = watch->cells[kind_of(type)];
  cells[at] += 1;
  cells[watch->bounds.size() + 1] += seconds;
}

/** What JavaScript holds goes with its thread. */
void stop(void* data) {
  auto* watch = static_cast<Watch*>(data);
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  isolate->RemoveGCPrologueCallback(begin, watch);
  isolate->RemoveGCEpilogueCallback(end, watch);
  delete watch;
}

bool read_watch(napi_env env, const napi_value* arguments, Watch* watch) {
  double* bounds = nullptr;
  size_t count = 0;
  if (!read_array(env, arguments[0], napi_float64_array, &bounds, &count)) return false;
  watch->bounds.assign(bounds, bounds + count);
  for (size_t kind = 0; kind < kKinds; kind++) {
    size_t room = 0;
    if (!read_array(env, arguments[1 + kind], napi_float64_array, &watch->cells[kind], &room)) return false;
    if (room != count + 2) return false;
  }
  return true;
}

}  // namespace

napi_value watch_pauses(napi_env env, napi_callback_info info) {
  napi_value arguments[1 + kKinds] = {};
  size_t count = 1 + kKinds;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  auto* watch = new Watch;
  if (count != 1 + kKinds || !read_watch(env, arguments, watch)) {
    delete watch;
    napi_throw_type_error(env, nullptr, "watchPauses: the arguments do not fit each other");
    return nullptr;
  }
  for (size_t kind = 0; kind < kKinds; kind++) napi_create_reference(env, arguments[1 + kind], 1, &watch->kept[kind]);
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  isolate->AddGCPrologueCallback(begin, watch);
  isolate->AddGCEpilogueCallback(end, watch);
  napi_add_env_cleanup_hook(env, stop, watch);
  return nullptr;
}
