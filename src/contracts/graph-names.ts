// What a converted graph and a session call things. Imports nothing: every worker thread loads it.

/** Names of the nodes that every converted graph begins and ends with. */
export const GRAPH_INPUT = 'x';
export const GRAPH_OUTPUT = 'y';
/**
 * In graphs that take pixels, the node behind their scaling: the picture as the model was trained on it, in float32 and
 * with its channels last. A session may feed it in place of the pixels.
 */
export const GRAPH_SCALED = 'scaled';

/** Of the names of files that sessions hold (src/native/own/held_files.cc). */
export const HELD_SCHEME = 'h5serve://';
