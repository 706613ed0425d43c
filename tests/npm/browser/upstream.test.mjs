// The panel that shows what the upstream was asked, with an explanation from a file.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { open, recorded, run, screenshot, seriousFaults, start, stop, withPage, write } from './page.mjs';

const explain = JSON.parse(await readFile(new URL('explain.json', import.meta.url), 'utf8'));

before(start);
after(stop);

async function explained(page) {
  await run(page);
  await open(page, 'Upstream');
  await page.locator('.request').first().waitFor();
}

test('the waterfall has a bar for each request in its round, and the totals stand against the bounds', () =>
  withPage({ explain }, async (page) => {
    await explained(page);
    const rounds = await page.locator('.rounds > li').evaluateAll((rounds) =>
      rounds.map((round) => [
        round.querySelector('h3')?.textContent,
        ...[...round.querySelectorAll('.request-line')].map((line) => [...line.children].map((part) => part.textContent).join(' ')),
      ]),
    );
    assert.deepEqual(rounds, [
      ['Round 1 2 requests', 'GET users/USR-6375-2499 1 key · 1 row · 21 ms', 'GET accounts/account-users 1 key · 2 rows · 2 tries · 35 ms'],
      ['Round 2 1 request', 'GET accounts/user-groups 2 keys · 2 rows · shared · 24 ms'],
      ['Round 3 2 requests', 'GET accounts/buyers 1 key · 2 rows · 19 ms', 'GET accounts/users 8 keys · UPSTREAM_UNAVAILABLE · 34 ms'],
    ]);
    const lefts = await page.locator('.bar').evaluateAll((bars) => bars.map((bar) => Math.round(Number.parseFloat(bar.style.left))));
    assert.deepEqual(lefts, [1, 1, 39, 65, 65]);
    const facts = await page.locator('.facts').innerText();
    assert.match(facts, /Requests\s+5\s+at most 9/);
    assert.match(facts, /Rows\s+41\s+at most 640/);
    await screenshot(page, 'upstream');
  }));

test('the explanation is not part of the answer that is shown', () =>
  withPage({ explain }, async (page) => {
    await explained(page);
    const shown = await page.locator('.result-window').innerText();
    assert.doesNotMatch(shown.replaceAll('\u00a0', ' '), /"extensions"/);
  }));

test('a bar lights its fields, and a field its bars', () =>
  withPage({ explain }, async (page) => {
    await explained(page);
    await page.locator('.request', { hasText: 'user-groups' }).hover();
    const lit = page.locator('.lit-field');
    await lit.first().waitFor();
    assert.deepEqual(await lit.allInnerTexts(), ['account', 'users']);
    await page.locator('.graphiql-query-editor .view-line span', { hasText: /^buyers$/ }).hover();
    await page.locator('.request-lit').waitFor();
    assert.match(await page.locator('.request-lit').innerText(), /accounts\/buyers/);
    await screenshot(page, 'upstream-lit');
  }));

test('a request tells everything, and goes as curl to the clipboard', () =>
  withPage({ explain }, async (page) => {
    await explained(page);
    await page.locator('.request > button', { hasText: 'accounts/users' }).click();
    const details = page.locator('.request-details');
    assert.match(await details.innerText(), /… 4 more …/);
    assert.match(await details.innerText(), /user › groups › nodes › users › nodes › currentAccount/);
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await page.getByText('Copied').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), explain.requests[4].curl);
    assert.deepEqual(await seriousFaults(page, '.panel'), []);
    await screenshot(page, 'upstream-details');
  }));

test('a plan is asked for at the path that runs nothing, and shows what would be asked', () =>
  withPage({ explain }, async (page, sent) => {
    await open(page, 'Upstream');
    await page.getByRole('button', { name: 'Plan', exact: true }).click();
    await page.locator('.request').first().waitFor();
    assert.equal(sent.at(-1)?.path, '/graphql/plan');
    assert.equal(sent.at(-1)?.headers['x-explain'], undefined);
    assert.equal(sent.at(-1)?.body.operationName, 'Tour');
    assert.equal(await page.locator('.bar').count(), 0);
    assert.match(await page.locator('.facts').innerText(), /Requests\s+≤ 9\s+limit 300/);
    await page.locator('.summary', { hasText: 'Planned, not run' }).waitFor();
    await screenshot(page, 'upstream-plan');
  }));

test('a server that does not tell is said to', () =>
  withPage({ explain: null }, async (page) => {
    await run(page);
    await open(page, 'Upstream');
    await page.getByText('This server does not tell what it asked of its upstream, only how often: 5 requests.').waitFor();
  }));

test('a mutation that is planned changes nothing', () =>
  withPage({}, async (page, sent) => {
    await open(page, 'Upstream');
    await write(page, 'query-editor', 'mutation { blockUser(input: { id: "USR-6375-2499" }) { user { status } } }');
    await recorded();
    await page.getByRole('button', { name: 'Plan', exact: true }).click();
    await page.locator('.summary', { hasText: 'Planned, not run' }).waitFor();
    assert.deepEqual(sent.filter(({ body }) => body.query.includes('blockUser')).map(({ path }) => path), ['/graphql/plan']);
    assert.deepEqual(await recorded(), []);
  }));
