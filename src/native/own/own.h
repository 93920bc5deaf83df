// What h5serve adds to tfjs-node's addon: functions for JavaScript, declared in src/native/own-addon.ts.
#pragma once
#include <node_api.h>

/** correctCaches(): 'sound' | 'corrected' | 'unknown' | 'missing'. TensorFlow must be loaded, and compute nothing. */
napi_value correct_caches(napi_env env, napi_callback_info info);

/** duplicate(descriptor): another descriptor of the same file or socket; -1 where there is none. */
napi_value duplicate(napi_env env, napi_callback_info info);

/** holdFiles(folder): files named h5serve:///folder/... are mapped once, and stay until this thread lets go or ends. */
napi_value hold_files(napi_env env, napi_callback_info info);

/** letGoOfFiles(folder): once for each time that this thread took hold of it. */
napi_value let_go_of_files(napi_env env, napi_callback_info info);

/** inflateRows(data, rows): whether `data` inflates to exactly as many bytes as `rows` holds; undefined without a zlib. */
napi_value inflate_rows(napi_env env, napi_callback_info info);

/** releaseMemory(): gives back to the system what was freed, but is kept in case that it is needed again. */
napi_value release_memory(napi_env env, napi_callback_info info);

/** shrinkJpeg(bytes, picture, across, down, result): a promise of whether `result` holds the picture. */
napi_value shrink_jpeg(napi_env env, napi_callback_info info);

/** watchPauses(bounds, minor, major, incremental, weak): V8's pauses in this thread are counted there from now on. */
napi_value watch_pauses(napi_env env, napi_callback_info info);

/** yieldProcessor(): another thread that waits for this processor goes first. */
napi_value yield_processor(napi_env env, napi_callback_info info);
