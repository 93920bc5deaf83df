// A virtual machine may hide the sizes of an AMD processor's caches (CPUID leaf 0x8000001D is zero). oneDNN, linked
// into TensorFlow, then records three levels of one byte each, and plans with them: it divides by zero, or computes
// wrong sums in bfloat16. With no level recorded it would use sizes of its own guess, which are right enough. So this
// sets its count of levels from 3 to 0. It writes nothing unless the record has exactly that fault, and it asks oneDNN
// afterwards whether it has understood.
#include <elf.h>
#include <link.h>

#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>

#include "mapped.h"
#include "own.h"

namespace {

/** dnnl::impl::cpu::x64::cpu(): makes the record at its first call and returns its address. */
constexpr char kRecord[] = "_ZN4dnnl4impl3cpu3x643cpuEv";
/** dnnl::impl::cpu::platform::get_per_core_cache_size(int level) */
constexpr char kCacheSize[] = "_ZN4dnnl4impl3cpu8platform23get_per_core_cache_sizeEi";

/** The record is smaller; it lies among the library's variables, half a megabyte of them behind it. */
constexpr size_t kRecordWords = 40;
constexpr size_t kLevels = 10;
constexpr uint32_t kRecorded = 3;
/** No processor with AVX has a smaller cache of the first level. */
constexpr unsigned kPlausible = 16 * 1024;

struct Library {
  std::string file;
  uintptr_t base = 0;
};

int remember(dl_phdr_info* info, size_t, void* library) {
  if (strstr(info->dlpi_name, "libtensorflow_cc.so") == nullptr) return 0;
  *static_cast<Library*>(library) = {info->dlpi_name, info->dlpi_addr};
  return 1;
}

struct Functions {
  uintptr_t record = 0;
  uintptr_t cache_size = 0;
  bool both() const { return record != 0 && cache_size != 0; }
};

/** Both are local symbols: only the file's own table of symbols names them, no dlsym does. */
Functions find_functions(const Library& library) {
  Functions found;
  const Mapped file(library.file.c_str());
  const auto* header = file.at<Elf64_Ehdr>(0, 1);
  if (header == nullptr || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return found;
  const auto* sections = file.at<Elf64_Shdr>(header->e_shoff, header->e_shnum);
  if (sections == nullptr) return found;
  for (int at = 0; at < header->e_shnum && !found.both(); at++) {
    const Elf64_Shdr& table = sections[at];
    if (table.sh_type != SHT_SYMTAB || table.sh_link >= header->e_shnum) continue;
    const Elf64_Shdr& strings = sections[table.sh_link];
    const uint64_t count = table.sh_size / sizeof(Elf64_Sym);
    const auto* symbols = file.at<Elf64_Sym>(table.sh_offset, count);
    const auto* names = file.at<char>(strings.sh_offset, strings.sh_size);
    if (symbols == nullptr || names == nullptr) continue;
    const auto named = [&](const Elf64_Sym& symbol, const char* name, size_t bytes) {
      return symbol.st_name + bytes <= strings.sh_size && memcmp(names + symbol.st_name, name, bytes) == 0;
    };
    for (const auto* symbol = symbols; symbol != symbols + count && !found.both(); symbol++) {
      if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_value == 0) continue;
      if (named(*symbol, kRecord, sizeof kRecord)) found.record = library.base + symbol->st_value;
      if (named(*symbol, kCacheSize, sizeof kCacheSize)) found.cache_size = library.base + symbol->st_value;
    }
  }
  return found;
}

bool is_fault(const uint32_t* sizes) {
  for (size_t level = 0; level < kLevels; level++) {
    if (sizes[level] != (level < kRecorded ? 1u : 0u)) return false;
  }
  const uint32_t* shared_by = sizes + kLevels;
  for (size_t level = 0; level < kLevels; level++) {
    if ((shared_by[level] != 0) != (level < kRecorded)) return false;
  }
  return sizes[2 * kLevels] == kRecorded;
}

/** Ten sizes, by how many cores each is shared, and the count of levels: exactly one place must look like that. */
uint32_t* find_levels(uint32_t* record) {
  uint32_t* levels = nullptr;
  for (size_t at = 0; at + 2 * kLevels < kRecordWords; at++) {
    if (!is_fault(record + at)) continue;
    if (levels != nullptr) return nullptr;
    levels = record + at + 2 * kLevels;
  }
  return levels;
}

enum class Outcome { kMissing, kSound, kCorrected, kUnknown };

Outcome correct() {
  Library library;
  dl_iterate_phdr(remember, &library);
  const Functions functions = find_functions(library);
  if (!functions.both()) return Outcome::kMissing;
  const auto cache_size = reinterpret_cast<unsigned (*)(int)>(functions.cache_size);
  if (cache_size(1) >= kPlausible) return Outcome::kSound;
  uint32_t* levels = find_levels(reinterpret_cast<uint32_t* (*)()>(functions.record)());
  if (levels == nullptr) return Outcome::kUnknown;
  *levels = 0;
  if (cache_size(1) >= kPlausible && cache_size(2) >= kPlausible) return Outcome::kCorrected;
  *levels = kRecorded;
  return Outcome::kUnknown;
}

/** Each thread of Node's that loads this asks; the first one does it. */
const char* correct_once() {
  static std::once_flag once;
  static Outcome outcome = Outcome::kMissing;
  std::call_once(once, [] { outcome = correct(); });
  switch (outcome) {
    case Outcome::kSound: return "sound";
    case Outcome::kCorrected: return "corrected";
    case Outcome::kUnknown: return "unknown";
    default: return "missing";
  }
}

}  // namespace

napi_value correct_caches(napi_env env, napi_callback_info) {
  napi_value text = nullptr;
  napi_create_string_utf8(env, correct_once(), NAPI_AUTO_LENGTH, &text);
  return text;
}
