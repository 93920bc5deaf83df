// The documentation as people use it: in a browser, with a picture of their own.
import path from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { browserPath, launchBrowser } from '../helpers/browser.js';
import { startServer, type ServerProcess } from '../helpers/server-process.js';

const DIGIT = path.resolve('test/fixtures/digit.png');

describe('Swagger in a browser', function () {
  if (browserPath === undefined) {
    it.skip('needs Chromium');
    return;
  }
  const executable = browserPath;
  this.timeout(60_000);
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];
  before(async () => {
    server = await startServer();
    browser = await launchBrowser(executable);
    page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('requestfailed', (request) => faults.push(request.url()));
    await page.goto(`${server.url}/docs`);
    await page.waitForSelector('#operations-Predictions-predict');
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  const operation = (id: string) => page.locator(`#operations-${id}`);

  it('lists the operations and loads without a fault', async () => {
    expect(await page.title()).to.equal('h5serve: API');
    expect(await page.locator('.opblock').count()).to.be.at.least(9);
    expect(faults).to.deep.equal([]);
  });

  it('classifies an uploaded picture by "Try it out"', async () => {
    const predict = operation('Predictions-predict');
    await predict.locator('.opblock-summary-control').click();
    await predict.locator('input[type=file]').first().setInputFiles(DIGIT);
    await predict.locator('button.execute').click();
    const answered = predict.locator('.live-responses-table .response').first();
    await answered.waitFor();
    expect(await answered.locator('.response-col_status').innerText()).to.match(/^200/);
    expect(await answered.locator('.response-col_description').innerText()).to.match(/"predicted_digit": 5/);
  });

  it('sends the JSON example as it stands', async () => {
    const predict = operation('Predictions-predict');
    await predict.locator('.body-param-content-type select').selectOption('application/json');
    // Swagger UI carries the fields of the form over into the JSON until it is told to begin anew.
    await predict.locator('button.reset').click();
    await predict.locator('button.execute').click();
    await predict.locator('.curl-command').filter({ hasText: 'application/json' }).waitFor();
    expect(
      await predict.locator('.live-responses-table .response .response-col_status').first().innerText(),
    ).to.match(/^200/);
  });

  it('works with a slash at the end too', async () => {
    await page.goto(`${server.url}/docs/`);
    await page.waitForSelector('#operations-Predictions-predict');
    expect(page.url()).to.equal(`${server.url}/docs`);
  });
});
