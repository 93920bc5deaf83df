// Certificates signed by themselves, made by openssl; what needs them skips where it is not installed.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Context } from 'mocha';

const run = promisify(execFile);

export async function needsOpenssl(context: Context): Promise<void> {
  await run('openssl', ['version']).catch(() => context.skip());
}

/** Writes cert.pem and key.pem for localhost into the folder; `name` tells certificates apart. */
export async function makeCertificate(folder: string, name: string): Promise<void> {
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'cert.pem')],
  ]);
}
