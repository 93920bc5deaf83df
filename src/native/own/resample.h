// Pillow's two passes in fixed point, as src/imaging/resample does them in TypeScript; the weights come from there.
#pragma once
#include <cstddef>
#include <cstdint>

/** Which input pixels make each output pixel, and with what weight. */
struct Coefficients {
  size_t output;
  size_t taps;
  const int32_t* first;
  const int32_t* count;
  const int32_t* weights;
};

/** Rows of a picture, one byte per channel, 1 or 3 of them; 16 bytes behind the last one may be read. */
struct Rows {
  const uint8_t* data;
  size_t width;
  size_t height;
  size_t channels;
};

constexpr size_t kReadBehind = 16;

/** The result has down.output rows of across.output pixels. */
void resample(const Rows& source, const Coefficients& across, const Coefficients& down, uint8_t* result);
