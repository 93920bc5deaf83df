#include "resample.h"

#include <algorithm>
#include <cstring>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__)
// Compiled for both; the processor decides.
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

namespace {

constexpr int kPrecisionBits = 22;
constexpr int32_t kHalf = 1 << (kPrecisionBits - 1);

using Eight = int32_t __attribute__((vector_size(32)));
using Words = uint32_t __attribute__((vector_size(32)));

/** Rows that are narrowed at a time: they share the weights, and no sum waits for another. */
constexpr size_t kRowsAtOnce = 4;

inline uint8_t clip(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255)); }

constexpr Words kShifts = {0, 8, 16, 24, 0, 8, 16, 24};
/** One pixel of each of two rows: red, green, blue, and whatever follows. A function would not take the caller's clone. */
#define TWO_PIXELS(upper, lower) \
  (Eight)(((Words{upper, upper, upper, upper, lower, lower, lower, lower}) >> kShifts) & 255)

inline uint32_t word(const uint8_t* data) {
  uint32_t found;
  memcpy(&found, data, sizeof found);
  return found;
}

FOR_EACH_PROCESSOR
void narrow_colours(const uint8_t* const* rows, const Coefficients& across, uint8_t* const* to) {
  for (size_t column = 0; column < across.output; column++) {
    const size_t from = static_cast<size_t>(across.first[column]) * 3;
    const int32_t* weights = across.weights + column * across.taps;
    const size_t count = across.count[column];
    Eight above = Eight{} + kHalf;
    Eight below = above;
    for (size_t tap = 0; tap < count; tap++) {
      const size_t at = from + tap * 3;
      above += TWO_PIXELS(word(rows[0] + at), word(rows[1] + at)) * weights[tap];
      below += TWO_PIXELS(word(rows[2] + at), word(rows[3] + at)) * weights[tap];
    }
    for (size_t channel = 0; channel < 3; channel++) {
      const size_t at = column * 3 + channel;
      to[0][at] = clip(above[channel]);
      to[1][at] = clip(above[channel + 4]);
      to[2][at] = clip(below[channel]);
      to[3][at] = clip(below[channel + 4]);
    }
  }
}

FOR_EACH_PROCESSOR
void narrow_grey(const uint8_t* row, const Coefficients& across, uint8_t* to) {
  for (size_t column = 0; column < across.output; column++) {
    const uint8_t* from = row + across.first[column];
    const int32_t* weights = across.weights + column * across.taps;
    int32_t sum = kHalf;
    for (int32_t tap = 0; tap < across.count[column]; tap++) sum += from[tap] * weights[tap];
    *to++ = clip(sum);
  }
}

FOR_EACH_PROCESSOR
void add_row(const uint8_t* row, int32_t weight, int32_t* sums, size_t length) {
  for (size_t at = 0; at < length; at++) sums[at] += row[at] * weight;
}

FOR_EACH_PROCESSOR
void clip_row(const int32_t* sums, uint8_t* to, size_t length) {
  for (size_t at = 0; at < length; at++) to[at] = clip(sums[at]);
}

}  // namespace

void resample(const Rows& source, const Coefficients& across, const Coefficients& down, uint8_t* result) {
  const size_t length = across.output * source.channels;
  const size_t last = down.output - 1;
  const size_t begin = down.first[0];
  const size_t end = down.first[last] + down.count[last];
  std::vector<uint8_t> narrowed((end - begin) * length);
  for (size_t row = begin; row < end; row += kRowsAtOnce) {
    const uint8_t* from[kRowsAtOnce];
    uint8_t* to[kRowsAtOnce];
    for (size_t at = 0; at < kRowsAtOnce; at++) {
      // The last rows are made more than once where they are no multiple.
      const size_t one = std::min(row + at, end - 1);
      from[at] = source.data + one * source.width * source.channels;
      to[at] = narrowed.data() + (one - begin) * length;
      if (source.channels == 1) narrow_grey(from[at], across, to[at]);
    }
    if (source.channels == 3) narrow_colours(from, across, to);
  }
  std::vector<int32_t> sums(length);
  for (size_t row = 0; row < down.output; row++) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int32_t tap = 0; tap < down.count[row]; tap++) {
      add_row(narrowed.data() + (down.first[row] - begin + tap) * length, down.weights[row * down.taps + tap],
              sums.data(), length);
    }
    clip_row(sums.data(), result + row * length, length);
  }
}
