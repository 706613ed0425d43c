// The web example: built, served with the gateway at its origin, and used.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { blank, gateway, screenshot, start, stop } from './page.mjs';

const root = new URL('../../../examples/web/', import.meta.url);
let server;
let address;

before(async () => {
  await start();
  const { preview } = await import(new URL('node_modules/vite/dist/node/index.js', root));
  const proxy = { '/graphql': gateway };
  server = await preview({ root: fileURLToPath(root), configFile: false, logLevel: 'error', preview: { host: '127.0.0.1', port: 0, proxy } });
  address = `http://127.0.0.1:${server.httpServer.address().port}/`;
});

after(async () => {
  await stop();
  await server?.close();
});

async function ask(query, variables = {}) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${gateway}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined);
  return data;
}

/** A member of an account who is not in all of its groups, among those that the page shows. */
async function candidate() {
  const { accounts } = await ask(`{
    accounts(first: 20, filter: { type: { eq: CLIENT }, status: { eq: ACTIVE } }, orderBy: [{ field: NAME }]) {
      nodes { id name groups { nodes { id name } } accountUsers(first: 20) { nodes { id user { name } groups { nodes { id } } } } }
    }
  }`);
  for (const account of accounts.nodes) {
    for (const member of account.accountUsers.nodes) {
      const group = account.groups.nodes.find(({ id }) => !member.groups.nodes.some((own) => own.id === id));
      if (group && member.groups.nodes.length > 0) return { account, member, group };
    }
  }
  throw new Error('everyone is in every group');
}

test('the groups and people of an account are shown, and a person is assigned to a group', async () => {
  const { account, member, group } = await candidate();
  const page = await blank({ viewport: { width: 1000, height: 900 } });
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  await page.goto(address);
  await page.getByRole('option', { name: account.name, exact: true }).first().waitFor({ state: 'attached' });
  await page.getByLabel('Account').selectOption(account.id);
  await page.getByRole('heading', { name: account.name }).waitFor();
  for (const { name } of account.groups.nodes) await page.getByRole('listitem').filter({ hasText: name }).first().waitFor();
  await screenshot(page, 'web-before');

  const choice = page.getByLabel(`Assign ${member.user.name} to`);
  await choice.selectOption(group.id);
  await page.locator('tr', { hasText: member.user.name }).locator('td').first().filter({ hasText: group.name }).waitFor();
  const { accountUser } = await ask('query($id: ID!) { accountUser(id: $id) { groups { nodes { id } } } }', { id: member.id });
  assert.ok(accountUser.groups.nodes.some(({ id }) => id === group.id));
  await screenshot(page, 'web-after');
  assert.deepEqual(said, []);
  await page.context().close();
});
