// How functions for JavaScript read what they are given.
#pragma once
#include <node_api.h>

#include <cstddef>

/** False for what is not a typed array of the type that is wanted. */
template <typename Item>
bool read_array(napi_env env, napi_value value, napi_typedarray_type wanted, Item** data, size_t* length) {
  napi_typedarray_type type;
  void* start = nullptr;
  if (napi_get_typedarray_info(env, value, &type, length, &start, nullptr, nullptr) != napi_ok) return false;
  *data = static_cast<Item*>(start);
  return type == wanted;
}
