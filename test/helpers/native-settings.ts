// Tests load TensorFlow in any order, and its library reads the environment once: what serving decides about oneDNN on
// this machine (src/config/thread-settings.ts) must stand before the first of them does.
import { applyThreadSettings } from '../../src/config/thread-settings.js';

const settings: NodeJS.ProcessEnv = {};
applyThreadSettings({ threadsPerWorker: 1 }, settings);
process.env['TF_ENABLE_ONEDNN_OPTS'] ??= settings['TF_ENABLE_ONEDNN_OPTS'];
