// The playground as a person uses it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open, recorded, run, screenshot, seriousFaults, start, stop, withPage, write } from './page.mjs';

before(start);
after(stop);

const TOKEN = 'idt:TKN-0000-0002:vendor';

test('a query is typed with completion, run by the keyboard, and answered', () =>
  withPage({}, async (page) => {
    await write(page, 'query-editor', '');
    await page.keyboard.type('query Typed { userBy');
    await page.locator('.suggest-widget .monaco-list-row', { hasText: 'userByEmail' }).first().waitFor();
    await page.keyboard.press('Enter');
    await write(page, 'query-editor', 'query Typed { user(id: "USR-6375-2499") { name } }');
    await page.keyboard.press('Control+Enter');
    await page.locator('.result-window', { hasText: 'John Smith' }).waitFor();
  }));

test('each saved operation runs without errors, and the count below the answer is what the upstream saw', () =>
  withPage({}, async (page) => {
    const tabs = page.locator('.graphiql-tab-button');
    const names = await tabs.allInnerTexts();
    assert.ok(names.length >= 4, `only ${names}`);
    for (const [index, name] of names.entries()) {
      await tabs.nth(index).click();
      await recorded();
      const answer = await run(page);
      assert.equal(answer.errors, undefined, name);
      const lines = (await recorded()).map(({ line }) => line);
      const summary = page.locator('.summary', { hasText: new RegExp(`^${lines.length} upstream requests? ·`) });
      await summary.waitFor({ timeout: 10_000 }).catch(async () => {
        assert.fail(`${name}: "${await page.locator('.summary').innerText()}" is not what was asked:\n${lines.join('\n')}`);
      });
      await screenshot(page, `example-${name}`);
    }
  }));

test('the waterfall shows exactly the requests that the upstream saw', () =>
  withPage({}, async (page) => {
    await recorded();
    await run(page);
    // The sandbox records the path below its base.
    const seen = (await recorded()).map(({ line }) => line.replace(' /', ' /public/v1/').split('?')[0]);
    await open(page, 'Upstream');
    await page.locator('.request').first().waitFor();
    const shown = await page.locator('.request-line').evaluateAll((lines) =>
      lines.map((line) => `${line.querySelector('.request-method').textContent} ${line.querySelector('.request-path').title}`),
    );
    assert.ok(seen.length > 1);
    // Requests of one round arrive in any order.
    assert.deepEqual(shown.sort(), seen.sort());
    assert.equal(await page.locator('.bar').count(), seen.length);
    await screenshot(page, 'upstream-real');
  }));

test('the user errors of a mutation are visible', () =>
  withPage({}, async (page) => {
    await page.locator('.graphiql-tab-button', { hasText: 'UserErrors' }).click();
    const answer = await run(page);
    assert.deepEqual(answer.data.createGroup.userErrors.map(({ code, path }) => [code, path]), [['BAD_USER_INPUT', ['input', 'name']]]);
    await page.locator('.result-window', { hasText: 'BAD_USER_INPUT' }).waitFor();
  }));

test('the examples open again in a tab', () =>
  withPage({}, async (page) => {
    await open(page, 'Examples');
    await page.getByRole('region', { name: 'Examples' }).getByRole('button', { name: /^Filters/ }).click();
    await page.locator('.query-editor, .graphiql-query-editor', { hasText: 'query Filters' }).first().waitFor();
    assert.equal(await page.locator('.graphiql-tab-button', { hasText: 'Filters' }).count(), 1);
    await screenshot(page, 'examples');
  }));

test('the documentation finds a type', () =>
  withPage({}, async (page) => {
    await open(page, 'Documentation Explorer');
    // The explorer lists a hundred matches: a word that is in few names.
    await page.getByPlaceholder(/Search|⌘|Ctrl/).first().fill('CloudTenant');
    await page.getByRole('option', { name: 'CloudTenant', exact: true }).first().click();
    await page.locator('.graphiql-doc-explorer-title', { hasText: 'CloudTenant' }).waitFor();
    await screenshot(page, 'documentation');
  }));

test('the documentation leads from the query to a type', () =>
  withPage({}, async (page) => {
    await open(page, 'Documentation Explorer');
    const type = (name) => page.locator('.graphiql-doc-explorer-type-name', { hasText: new RegExp(`^${name}$`) }).first();
    await type('Query').click();
    await type('User').click();
    await page.locator('.graphiql-doc-explorer-title', { hasText: /^User$/ }).waitFor();
  }));

test('a token is sent, and kept out of local storage until it is to be remembered', () =>
  withPage({}, async (page, sent) => {
    const stored = () => page.evaluate(() => JSON.stringify({ ...localStorage }));
    await page.getByRole('button', { name: 'Token, not set' }).click();
    await page.getByLabel('API token').fill(TOKEN);
    await screenshot(page, 'token');
    await page.keyboard.press('Escape');
    await run(page);
    assert.equal(sent.at(-1)?.headers.authorization, `Bearer ${TOKEN}`);
    assert.doesNotMatch(await stored(), /TKN-0000/);
    await page.getByRole('button', { name: 'Token, set' }).click();
    await page.getByLabel('Remember in this browser').check();
    assert.match(await stored(), /TKN-0000/);
    await page.getByLabel('Remember in this browser').uncheck();
    assert.doesNotMatch(await stored(), /TKN-0000/);
  }));

test('a header is sent before the token, and is in no history', () =>
  withPage({}, async (page, sent) => {
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await write(page, 'editor-tool .graphiql-editor:not(.hidden)', `{"authorization": "Bearer ${TOKEN}"}`);
    await run(page);
    assert.equal(sent.at(-1)?.headers.authorization, `Bearer ${TOKEN}`);
    const history = await page.evaluate(() => JSON.stringify({ ...localStorage }));
    assert.match(history, /USR-6375-2499/);
    assert.doesNotMatch(history, /TKN-0000/);
  }));

test('the graph shows every entity, lights what is used, and leads to the documentation', () =>
  withPage({}, async (page) => {
    await open(page, 'Graph');
    const entities = await page.locator('.box').evaluateAll((boxes) => boxes.map((box) => box.textContent));
    for (const entity of ['Account', 'AccountUser', 'Buyer', 'Group', 'Licensee', 'Module', 'Seller', 'User']) {
      assert.ok(entities.includes(entity), `${entity} is not among ${entities}`);
    }
    await page.getByRole('button', { name: 'Group, used by the operation' }).hover();
    await page.getByRole('button', { name: /^users → \[User\]/ }).waitFor();
    await screenshot(page, 'graph');
    assert.equal(await page.getByRole('button', { name: 'ErpLink', exact: true }).count(), 1);
    await page.getByRole('button', { name: 'Group, used by the operation' }).press('Enter');
    await page.locator('.graphiql-doc-explorer-title', { hasText: 'Group' }).waitFor();
  }));

for (const colorScheme of ['light', 'dark']) {
  test(`nothing of ours is seriously inaccessible in ${colorScheme}`, () =>
    withPage({ colorScheme }, async (page) => {
      await run(page);
      for (const plugin of ['Examples', 'Upstream', 'Graph']) {
        await open(page, plugin);
        await page.getByRole('region', { name: plugin }).waitFor();
        assert.deepEqual(await seriousFaults(page, '.panel'), [], plugin);
      }
      assert.deepEqual(await seriousFaults(page, '.summary'), []);
      await page.getByRole('button', { name: 'Token, not set' }).click();
      assert.deepEqual(await seriousFaults(page, '.brand'), []);
      await screenshot(page, colorScheme);
    }));
}

test('a phone shows the editor and the answer one below the other', () =>
  withPage({ width: 390, height: 844 }, async (page) => {
    await run(page);
    const boxOf = (selector) => page.locator(selector).first().boundingBox();
    const editor = await boxOf('.graphiql-query-editor .monaco-editor');
    const answer = await boxOf('.graphiql-response .monaco-editor');
    assert.ok(editor && answer && editor.height > 250 && answer.y > editor.y + editor.height, 'the editor stands above');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
    await screenshot(page, 'phone');
    await open(page, 'Graph');
    await screenshot(page, 'phone-graph');
  }));
