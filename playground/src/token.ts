// The token of the caller: in memory, and in local storage only for whoever ticks "remember".
import { create } from 'zustand';

const KEY = 'accounts-graph:token';

interface TokenState {
  token: string;
  remember: boolean;
  setToken(token: string): void;
  setRemember(remember: boolean): void;
}

function write(token: string, remember: boolean): void {
  if (remember && token) localStorage.setItem(KEY, token);
  else localStorage.removeItem(KEY);
}

const remembered = localStorage.getItem(KEY);

export const useToken = create<TokenState>((set, get) => ({
  token: remembered ?? '',
  remember: remembered !== null,
  setToken(token) {
    set({ token });
    write(token, get().remember);
  },
  setRemember(remember) {
    set({ remember });
    write(get().token, remember);
  },
}));
