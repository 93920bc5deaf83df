/**
 * V8's pauses in this thread are counted from now on: of each kind how many were not above each bound, but above the one
 * before, how many above them all, and their sum in seconds. What our own addon does (src/native/own).
 */
export type WatchPauses = (
  bounds: Float64Array,
  minor: Float64Array,
  major: Float64Array,
  incremental: Float64Array,
  weak: Float64Array,
) => void;
