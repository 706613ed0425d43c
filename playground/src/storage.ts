// What GraphiQL keeps between visits. Its history would keep the headers of each run, and with them a token.
import type { Storage } from '@graphiql/toolkit';

function withoutHeaders(text: string): string {
  return JSON.stringify(JSON.parse(text), (key, value: unknown) => (key === 'headers' ? undefined : value));
}

export const storage: Storage = {
  get length() {
    return localStorage.length;
  },
  getItem: (key) => localStorage.getItem(key),
  removeItem: (key) => localStorage.removeItem(key),
  clear: () => localStorage.clear(),
  setItem(key, value) {
    if (key.endsWith(':headers')) return;
    const keepsRuns = ['queries', 'favorites', 'tabState'].some((name) => key.endsWith(`:${name}`));
    localStorage.setItem(key, keepsRuns ? withoutHeaders(value) : value);
  },
};
