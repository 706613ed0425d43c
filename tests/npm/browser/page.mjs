// The playground in a headless Chromium, and what the tests need of it.
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const screenshots = new URL('./screenshots/', import.meta.url);
const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');

function variable(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: these tests are started by \`cargo test\``);
  return value;
}

/** The addresses of the gateway and of the sandbox behind it, without a slash at the end. */
export const gateway = variable('GATEWAY');
export const sandbox = variable('SANDBOX');

/** Other tests are at work at the same time. */
const PATIENCE = 60_000;

/** @type {import('playwright-core').Browser | undefined} */
let browser;

export async function start() {
  // As root, which containers of CI often are, Chromium has no sandbox of its own.
  browser = await chromium.launch({ executablePath: variable('CHROMIUM'), args: ['--no-sandbox'] });
  await mkdir(screenshots, { recursive: true });
}

export async function stop() {
  await browser?.close();
}

/** A page without anything in it yet. */
export async function blank(options = {}) {
  if (!browser) throw new Error('the browser is not started');
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  return page;
}

/**
 * Opens the page, hands it to a test, and then holds it to what holds always: not one request left the origin, and the
 * console stayed empty.
 * @param {{ width?: number, height?: number, colorScheme?: 'light' | 'dark', explain?: unknown }} options
 * @param {(page: import('playwright-core').Page, sent: { path: string, headers: Record<string, string>, body: any }[]) => Promise<void>} test
 */
export async function withPage({ width = 1280, height = 800, colorScheme = 'light', explain }, test) {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const page = await blank({ viewport: { width, height }, colorScheme, permissions });
  const foreign = [];
  const said = [];
  const sent = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== gateway) foreign.push(request.url());
    if (/\/graphql(\/plan)?$/.test(url.pathname)) sent.push({ path: url.pathname, headers: request.headers(), body: request.postDataJSON() });
  });
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => said.push(`error: ${error.message}`));
  if (explain !== undefined) await explainWith(page, explain);
  try {
    await page.goto(`${gateway}/`);
    await page.locator('.graphiql-query-editor .view-lines').waitFor();
    await test(page, sent);
    if (foreign.length > 0) throw new Error(`requests left the origin: ${foreign.join(', ')}`);
    if (said.length > 0) throw new Error(`the console is not empty:\n${said.join('\n')}`);
  } finally {
    await page.context().close();
  }
}

/** Puts an explanation into each plan, and into each answer that was asked to explain itself. */
async function explainWith(page, explain) {
  await page.route('**/graphql', async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    if (route.request().headers()['x-explain'] === '1') answer.extensions = { ...answer.extensions, explain };
    await route.fulfill({ response, json: answer });
  });
  await page.route('**/graphql/plan', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { extensions: { explain: planOf(explain) } } });
  });
}

function planOf(explain) {
  return { ...explain, mode: 'plan', totals: null, requests: explain.requests.map((request) => ({ ...request, outcome: null })) };
}

/** Presses the button that runs, and waits for the answer. */
export async function run(page) {
  const answered = page.waitForResponse((response) => {
    return response.url().endsWith('/graphql') && response.request().headers()['x-explain'] === '1';
  });
  await page.locator('.graphiql-execute-button').click();
  const answer = await (await answered).json();
  await page.getByRole('button', { name: 'Details of what was asked of the upstream' }).waitFor();
  return answer;
}

export async function open(page, plugin) {
  await page.getByRole('button', { name: `Show ${plugin}`, exact: true }).click();
}

/** Replaces what stands in an editor. */
export async function write(page, editor, text) {
  await page.locator(`.graphiql-${editor} .monaco-editor`).first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

export async function screenshot(page, name) {
  await page.screenshot({ path: new URL(`${name}.png`, screenshots).pathname });
}

/** The rules of accessibility that our own parts break seriously. */
export async function seriousFaults(page, scope) {
  // Through the debugger, which the page's policy on scripts does not concern.
  await page.evaluate(axe);
  const found = await page.evaluate((selector) => globalThis.axe.run(selector), scope);
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} (${node.failureSummary})`).join('; ')}`);
}

/** The requests that the sandbox recorded since it was last asked. */
export async function recorded() {
  const answer = await fetch(`${sandbox}/__requests`);
  const requests = await answer.json();
  await fetch(`${sandbox}/__requests`, { method: 'DELETE' });
  return requests;
}
