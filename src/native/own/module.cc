#include "own.h"

NAPI_MODULE_INIT() {
  const auto add = [&](const char* name, napi_callback callback) {
    napi_value function = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
    napi_set_named_property(env, exports, name, function);
  };
  add("correctCaches", correct_caches);
  add("duplicate", duplicate);
  add("holdFiles", hold_files);
  add("inflateRows", inflate_rows);
  add("letGoOfFiles", let_go_of_files);
  add("releaseMemory", release_memory);
  add("shrinkJpeg", shrink_jpeg);
  add("watchPauses", watch_pauses);
  add("yieldProcessor", yield_processor);
  return exports;
}
