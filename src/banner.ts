// What a person sees when the server is ready: where it is, what it serves, and a line to try.
import { existsSync } from 'node:fs';
import { isIPv6, type AddressInfo } from 'node:net';
import type { Config } from './config/schema.js';
import type { Service } from './start.js';
import { SERVICE } from './service.js';

const DIGIT = 'test/fixtures/digit.png';
const OPEN = '   Open to all who can reach it: no API keys or tokens are set (docs/operations.md)';

const isOpen = ({ API_KEYS, API_KEYS_FILE, JWT_JWKS_URL }: Config): boolean =>
  API_KEYS === undefined && API_KEYS_FILE === undefined && JWT_JWKS_URL === undefined;

/** As browsers and curl take it. */
export function urlOf({ address, port }: AddressInfo, scheme: 'http' | 'https'): string {
  const everywhere = ['0.0.0.0', '::', '127.0.0.1'].includes(address);
  const host = everywhere ? 'localhost' : isIPv6(address) ? `[${address}]` : address;
  return `${scheme}://${host}:${port}`;
}

export function banner(address: AddressInfo, { models, config }: Service): string {
  const url = urlOf(address, config.TLS_CERT === undefined ? 'http' : 'https');
  const served = models.models().map((model) => {
    const { info } = model;
    const [height, width] = [info.input.height, info.input.width];
    const mark = info.name === models.defaultModel ? '*' : ' ';
    return `   ${mark} ${info.name} ${info.version}: ${info.labels.length} classes, ${height}x${width}, ${info.precision}, ${model.health().threads} workers`;
  });
  const failed = models
    .failures()
    .map(
      (failure) =>
        `   ! ${failure.name}: ${failure.code}. ${failure.detail.split('\n')[0] ?? ''}\n     → ${failure.remedy}`,
    );
  const picture = models.defaultModel === 'digits' && existsSync(DIGIT) ? DIGIT : 'picture.jpg';
  const credential = isOpen(config) ? '' : ' -H "X-API-Key: $KEY"';
  const insecure = config.TLS_CERT === undefined ? '' : ' -k';
  return [
    '',
    `  ${SERVICE.name} ${SERVICE.version} is ${models.ready() ? 'ready' : 'running, but not ready'} on ${url}`,
    ...served,
    ...failed,
    ...(isOpen(config) ? [OPEN] : []),
    ...(served.length + failed.length === 0
      ? [
          `   No models in ${config.MODELS_DIR}: put a Keras .h5 file there, or name one: h5serve serve model.h5`,
        ]
      : []),
    '',
    '  Try:',
    `    curl${insecure}${credential} -F file=@${picture} ${url}/predict`,
    '',
  ].join('\n');
}
