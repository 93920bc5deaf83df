// A file, mapped for reading.
#pragma once
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

class Mapped {
 public:
  explicit Mapped(const char* name) {
    const int file = open(name, O_RDONLY | O_CLOEXEC);
    struct stat facts {};
    if (file >= 0 && fstat(file, &facts) == 0 && facts.st_size > 0) {
      void* found = mmap(nullptr, facts.st_size, PROT_READ, MAP_PRIVATE, file, 0);
      if (found != MAP_FAILED) {
        data_ = static_cast<const char*>(found);
        size_ = facts.st_size;
      }
    }
    if (file >= 0) close(file);
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() {
    if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
  }

  /** Null where the file could not be read. */
  const char* data() const { return data_; }
  uint64_t size() const { return size_; }

  /** `count` items at `offset`, or null where the file does not hold them. */
  template <typename Item>
  const Item* at(uint64_t offset, uint64_t count) const {
    if (data_ == nullptr || offset > size_ || count > (size_ - offset) / sizeof(Item)) return nullptr;
    return reinterpret_cast<const Item*>(data_ + offset);
  }

 private:
  const char* data_ = nullptr;
  uint64_t size_ = 0;
};
