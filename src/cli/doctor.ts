// `h5serve doctor`: what is installed and what is missing, each with its remedy.
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { AppError } from '../errors/app-error.js';
import { examine, isHealthy } from '../native/doctor.js';
import { renderFindings, renderVerdict } from '../native/doctor/render.js';
import { NODE_RANGE } from '../service.js';
import type { Command } from './command.js';
import { parseFlags } from './parse-flags.js';

const usage = `Usage: h5serve doctor [--json]

Says what is installed (Node.js, TensorFlow, build tools, image decoders), what the machine grants (CPU features,
cores, memory, disk, allocator) and what is missing, each with its remedy. Changes nothing.

Options:
  --json      print the findings as JSON: healthy, findings[{name, state, value, remedy}]
  -h, --help  show this text

Exit code: 0 when h5serve can serve here, 1 when something it needs is missing.`;

function settings(): Config | AppError {
  try {
    return loadConfig();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

async function run(args: string[]): Promise<number> {
  const flags = parseFlags('doctor', args, ['json']);
  const findings = await examine({ nodeRange: NODE_RANGE, config: settings() });
  const healthy = isHealthy(findings);
  if (flags.json) console.log(JSON.stringify({ healthy, findings }, null, 2));
  else console.log(`${renderFindings(findings)}\n\n${renderVerdict(findings)}`);
  return healthy ? 0 : 1;
}

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'say what is installed, what is missing and how to get it',
  usage,
  run,
};
