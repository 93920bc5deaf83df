#include <sched.h>

#include "own.h"

napi_value yield_processor(napi_env, napi_callback_info) {
  sched_yield();
  return nullptr;
}
