// The product classifier: top-3 predictions, batches of 2 to 20, structured refusals.
import { expect } from 'chai';
import { photo, startReference, type ReferenceSystem } from '../helpers/reference-system.js';
import { PRODUCT_LABELS } from '../helpers/small-models.js';

describe('users of the product classifier', () => {
  let system: ReferenceSystem;
  before(async () => {
    const picture = await photo();
    system = await startReference({
      models: ['products'],
      settings: { DEFAULT_MODEL: 'products', MAX_UPLOAD_MB: '0.05' },
      pictures: {
        'chair.jpg': picture,
        'shirt.png': await photo('png'),
        'large.bin': Buffer.alloc(100_000, 1),
        'notes.txt': Buffer.from('no picture'),
      },
    });
  });
  after(() => system.close());

  it('get the three most probable categories of a picture, with confidence', async () => {
    const body = (await system.curl('curl -F "file=@chair.jpg" http://localhost:8000/predict')) as {
      predictions: { label: string; probability: number }[];
      confidence: number;
    };
    expect(body.predictions).to.have.length(3);
    for (const { label } of body.predictions) expect(PRODUCT_LABELS).to.include(label);
    expect(body.predictions[0]?.probability).to.equal(body.confidence);
  });

  it('classify 2 to 20 pictures in one request', async () => {
    for (const count of [2, 20]) {
      const fields = Array.from({ length: count }, () => '-F "files=@chair.jpg"').join(' ');
      const body = await system.curl(`curl ${fields} http://localhost:8000/batch-predict`);
      expect(body).to.have.property('results').that.is.an('array').with.length(count);
      expect(body).to.include({ succeeded: count, failed: 0 });
    }
  });

  it('are told what was wrong with one picture of several', async () => {
    const body = (await system.curl(
      'curl -F "files=@chair.jpg" -F "files=@notes.txt" -F "files=@large.bin" -F "files=@shirt.png" http://localhost:8000/batch-predict',
    )) as { results: { filename: string; success: boolean; error?: { code: string } }[] };
    expect(body.results.map(({ filename, error }) => [filename, error?.code])).to.deep.equal([
      ['chair.jpg', undefined],
      ['notes.txt', 'unsupported_media'],
      ['large.bin', 'file_too_large'],
      ['shirt.png', undefined],
    ]);
  });

  const refusals: { what: string; send: string; status: number; code: string }[] = [
    { what: 'size', send: '-F "file=@large.bin"', status: 413, code: 'file_too_large' },
    { what: 'format', send: '-F "file=@notes.txt"', status: 415, code: 'unsupported_media' },
    {
      what: 'timeouts',
      send: '-H "Content-Length: 5000" -H "Content-Type: image/png" --data-binary @notes.txt --max-time 20',
      status: 408,
      code: 'upload_timeout',
    },
  ];
  for (const { what, send, status, code } of refusals) {
    it(`get a structured refusal for ${what}`, async function () {
      const own =
        code === 'upload_timeout'
          ? await startReference({
              models: [],
              settings: { UPLOAD_TIMEOUT_MS: '300' },
              pictures: { 'notes.txt': Buffer.from('x') },
            })
          : system;
      try {
        const body = await own.curl(`curl ${send} http://localhost:8000/predict`);
        expect(body).to.include({ status, code });
        for (const field of ['title', 'detail', 'remedy', 'request_id']) {
          expect(body).to.have.property(field).that.is.a('string').with.length.above(3);
        }
      } finally {
        if (own !== system) await own.close();
      }
    });
  }

  it('read the documentation', async () => {
    expect((await system.shell('curl http://localhost:8000/docs')).stdout).to.include('swagger-ui');
  });
});
