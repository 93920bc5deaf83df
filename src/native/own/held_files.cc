// TensorFlow opens and maps a weight's file anew in each run. Under names that begin with h5serve:// it gets a mapping that
// is there already: files of a folder that a session holds are mapped once, at the first run, for all sessions. They stay
// until the last session lets go, whatever becomes of the folder meanwhile.
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <unordered_map>

#include "mapped.h"
#include "own.h"
#include "tensorflow/c/experimental/filesystem/filesystem_interface.h"
#include "tensorflow/c/tf_status.h"

/** Of c_api_experimental.h: has TensorFlow call TF_InitPlugin of the named library. */
extern "C" void TF_RegisterFilesystemPlugin(const char* library, TF_Status* status);

namespace {

constexpr char kScheme[] = "h5serve";

using File = std::shared_ptr<const Mapped>;

/** Its files by name, those that were asked for. */
using Folder = std::unordered_map<std::string, File>;

/** All threads of the process share it. A folder is there for as long as somebody holds it. */
class Folders {
 public:
  std::shared_ptr<Folder> hold(const std::string& name) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::weak_ptr<Folder>& known = folders_[name];
    std::shared_ptr<Folder> folder = known.lock();
    if (folder == nullptr) known = folder = std::make_shared<Folder>();
    return folder;
  }

  /** What nobody holds is mapped for this once. */
  File open(const std::string& name) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto known = folders_.begin(); known != folders_.end();) {
      const std::shared_ptr<Folder> folder = known->second.lock();
      if (folder == nullptr) {
        known = folders_.erase(known);
        continue;
      }
      if (name.rfind(known->first + '/', 0) == 0) return open_in(*folder, name);
      known++;
    }
    return std::make_shared<const Mapped>(name.c_str());
  }

 private:
  static File open_in(Folder& folder, const std::string& name) {
    const auto known = folder.find(name);
    if (known != folder.end()) return known->second;
    const File file = std::make_shared<const Mapped>(name.c_str());
    if (file->data() != nullptr) folder.emplace(name, file);
    return file;
  }

  std::mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<Folder>> folders_;
};

/** Never destroyed: TensorFlow's threads may outlive the static variables. */
Folders& folders() {
  static auto* all = new Folders;
  return *all;
}

const File& file_of(const TF_ReadOnlyMemoryRegion* region) {
  return *static_cast<const File*>(region->plugin_memory_region);
}

void open_region(const TF_Filesystem*, const char* name, TF_ReadOnlyMemoryRegion* region, TF_Status* status) {
  auto file = std::make_unique<File>(folders().open(name));
  if ((*file)->data() == nullptr) {
    const std::string reason = std::string(name) + " cannot be read: was the cache of converted models cleared?";
    TF_SetStatus(status, TF_NOT_FOUND, reason.c_str());
    return;
  }
  region->plugin_memory_region = file.release();
  TF_SetStatus(status, TF_OK, "");
}

/** TensorFlow frees it: with the function that stands beside this one in TF_FilesystemPluginInfo. */
template <typename Table>
Table* table() {
  return static_cast<Table*>(calloc(1, sizeof(Table)));
}

/** Asks once for the whole process. Returns what TensorFlow says against it, or nothing. */
const std::string& register_once() {
  static std::once_flag once;
  static std::string complaint;
  std::call_once(once, [] {
    Dl_info own{};
    if (dladdr(reinterpret_cast<void*>(&TF_InitPlugin), &own) == 0) {
      complaint = "the addon does not find its own file";
      return;
    }
    const std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)> status(TF_NewStatus(), TF_DeleteStatus);
    TF_RegisterFilesystemPlugin(own.dli_fname, status.get());
    if (TF_GetCode(status.get()) != TF_OK) complaint = TF_Message(status.get());
  });
  return complaint;
}

/** The folders that a thread holds, each as often as it took hold of it; let go of when the thread ends. */
using Holds = std::unordered_multimap<std::string, std::shared_ptr<Folder>>;

Holds& holds_of(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  if (data == nullptr) {
    data = new Holds;
    napi_set_instance_data(env, data, [](napi_env, void* held, void*) { delete static_cast<Holds*>(held); }, nullptr);
  }
  return *static_cast<Holds*>(data);
}

/** The first argument: an absolute path. */
bool read_folder(napi_env env, napi_callback_info info, std::string* folder) {
  napi_value argument = nullptr;
  size_t count = 1;
  size_t length = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  const bool given = count >= 1 && napi_get_value_string_utf8(env, argument, nullptr, 0, &length) == napi_ok;
  if (given) {
    folder->resize(length);
    napi_get_value_string_utf8(env, argument, &(*folder)[0], length + 1, &length);
  }
  if (given && length > 1 && folder->front() == '/') return true;
  napi_throw_type_error(env, nullptr, "a folder is given by its absolute path");
  return false;
}

}  // namespace

extern "C" void TF_InitPlugin(TF_FilesystemPluginInfo* plugin) {
  plugin->plugin_memory_allocate = [](size_t size) { return calloc(1, size); };
  plugin->plugin_memory_free = free;
  plugin->num_schemes = 1;
  auto* ops = plugin->ops = table<TF_FilesystemPluginOps>();
  TF_SetFilesystemVersionMetadata(ops);
  ops->scheme = strdup(kScheme);
  ops->filesystem_ops = table<TF_FilesystemOps>();
  ops->filesystem_ops->init = [](TF_Filesystem*, TF_Status* status) { TF_SetStatus(status, TF_OK, ""); };
  ops->filesystem_ops->cleanup = [](TF_Filesystem*) {};
  ops->filesystem_ops->new_read_only_memory_region_from_file = open_region;
  auto* region = ops->read_only_memory_region_ops = table<TF_ReadOnlyMemoryRegionOps>();
  region->cleanup = [](TF_ReadOnlyMemoryRegion* old) { delete static_cast<File*>(old->plugin_memory_region); };
  region->data = [](const TF_ReadOnlyMemoryRegion* read) -> const void* { return file_of(read)->data(); };
  region->length = [](const TF_ReadOnlyMemoryRegion* read) { return file_of(read)->size(); };
}

napi_value hold_files(napi_env env, napi_callback_info info) {
  std::string folder;
  if (!read_folder(env, info, &folder)) return nullptr;
  const std::string& complaint = register_once();
  if (complaint.empty()) holds_of(env).emplace(folder, folders().hold(folder));
  else napi_throw_error(env, nullptr, ("TensorFlow does not take h5serve's file system: " + complaint).c_str());
  return nullptr;
}

napi_value let_go_of_files(napi_env env, napi_callback_info info) {
  std::string folder;
  if (!read_folder(env, info, &folder)) return nullptr;
  Holds& holds = holds_of(env);
  const auto held = holds.find(folder);
  if (held != holds.end()) holds.erase(held);
  return nullptr;
}
