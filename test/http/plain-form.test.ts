// What is read here and now must be what multer makes of it, and whatever is out of the ordinary must be left to multer.
import { expect } from 'chai';
import fc from 'fast-check';
import { readPlainForm } from '../../src/http/upload/plain-form.js';

const TYPE = 'multipart/form-data; boundary=edge';
const LIMITS = { maxFiles: 3, maxBytes: 1000 };
const HEAD = 'Content-Disposition: form-data; name="file"; filename="a.png"';

const part = (head: string, bytes: Buffer | string): Buffer =>
  Buffer.concat([Buffer.from(`--edge\r\n${head}\r\n\r\n`), Buffer.from(bytes), Buffer.from('\r\n')]);
const form = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, Buffer.from('--edge--\r\n')]);
const read = (body: Buffer, type = TYPE) => readPlainForm(body, type, LIMITS);

describe('a plain form', () => {
  it('is read: names and bytes, of one file or several, whatever the bytes are', () => {
    const file = fc.record({
      field: fc.stringMatching(/^[\w[\]]{1,20}$/),
      name: fc.stringMatching(/^[\w.-]{1,20}$/),
      bytes: fc.uint8Array({ maxLength: 500 }),
    });
    fc.assert(
      fc.property(fc.array(file, { minLength: 1, maxLength: 3 }), (files) => {
        const body = form(
          ...files.map(({ field, name, bytes }) =>
            part(
              `Content-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: image/png`,
              Buffer.from(bytes),
            ),
          ),
        );
        const found = read(body)?.map(({ field, name, bytes }) => ({ field, name, bytes: [...bytes] }));
        expect(found).to.deep.equal(files.map((wanted) => ({ ...wanted, bytes: [...wanted.bytes] })));
      }),
    );
  });

  it('may have a quoted boundary, no Content-Type, an empty file, and no line break at its end', () => {
    const quoted = 'multipart/form-data; boundary="edge"';
    expect(read(form(part(HEAD, '')), quoted)?.map(({ bytes }) => bytes.length)).to.deep.equal([0]);
    expect(read(form(part(HEAD, 'x')).subarray(0, -2))).to.have.length(1);
  });

  const LEFT: Readonly<Record<string, readonly [body: Buffer, type?: string]>> = {
    'another boundary': [form(part(HEAD, 'x')), 'multipart/form-data; boundary=other'],
    'no boundary': [form(part(HEAD, 'x')), 'multipart/form-data'],
    'further parameters of the type': [form(part(HEAD, 'x')), `${TYPE}; charset=utf-8`],
    'a text field': [form(part('Content-Disposition: form-data; name="a"', 'x'))],
    'a file beside a text field': [
      form(part(HEAD, 'x'), part('Content-Disposition: form-data; name="a"', 'x')),
    ],
    'an empty file name': [form(part(HEAD.replace('a.png', ''), 'x'))],
    'an escaped name': [form(part(HEAD.replace('a.png', 'a%22.png'), 'x'))],
    'a name in another character set': [form(part(`${HEAD}; filename*=UTF-8''b.png`, 'x'))],
    'a name of another alphabet': [form(part(HEAD.replace('a.png', 'ä.png'), 'x'))],
    'further headers of a part': [form(part(`${HEAD}\r\nContent-Transfer-Encoding: base64`, 'eA=='))],
    'a long head': [form(part(`${HEAD}\r\nContent-Type: ${'a'.repeat(2000)}`, 'x'))],
    'a preamble': [Buffer.concat([Buffer.from('hello\r\n'), form(part(HEAD, 'x'))])],
    'an epilogue': [Buffer.concat([form(part(HEAD, 'x')), Buffer.from('more')])],
    'no end': [part(HEAD, 'x')],
    'a file that is cut off': [form(part(HEAD, 'x')).subarray(0, -10)],
    'an end that is cut off': [form(part(HEAD, 'x')).subarray(0, -4)],
    'a file over the limit': [form(part(HEAD, 'x'.repeat(1001)))],
    'more files than allowed': [form(...Array.from({ length: 4 }, () => part(HEAD, 'x')))],
    'spaces behind a boundary': [
      Buffer.from(form(part(HEAD, 'x')).toString().replace('--edge\r\n', '--edge \r\n')),
    ],
    'a boundary that does not end its line': [
      Buffer.from(
        form(part(HEAD, 'x'), part(HEAD, 'y')).toString().replace('x\r\n--edge\r\n', 'x\r\n--edge--'),
      ),
      TYPE,
    ],
    'letters behind a boundary': [
      Buffer.from(
        form(part(HEAD, 'x'), part(HEAD, 'y')).toString().replace('x\r\n--edge\r\n', 'x\r\n--edgeab'),
      ),
    ],
    'nothing at all': [Buffer.alloc(0)],
  };
  for (const [what, [body, type]] of Object.entries(LEFT)) {
    it(`is left to multer with ${what}`, () => {
      expect(read(body, type)).to.equal(undefined);
    });
  }

  it('is never read from damaged bytes as something that multer would not see', () => {
    const whole = form(part(HEAD, 'abc'));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
        const body = Buffer.from(whole);
        body[at] = value;
        const files = read(body);
        // What can be told from outside: the parts found are those between the boundaries of the very body.
        const between = body.toString('latin1').split('\r\n--edge').length - 1;
        expect(files === undefined || files.length === between).to.equal(true);
      }),
    );
  });
});
