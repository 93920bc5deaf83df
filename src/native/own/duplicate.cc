#include <fcntl.h>

#include "own.h"

napi_value duplicate(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument = nullptr;
  int32_t descriptor = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  if (count != 1 || napi_get_value_int32(env, argument, &descriptor) != napi_ok) {
    napi_throw_type_error(env, nullptr, "duplicate: expected a file descriptor");
    return nullptr;
  }
  napi_value copy = nullptr;
  napi_create_int32(env, fcntl(descriptor, F_DUPFD_CLOEXEC, 3), &copy);
  return copy;
}
