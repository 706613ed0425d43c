import { useId } from 'react';
import { useToken } from './token';

/** The name of the program, and the place for the caller's token. */
export function TokenMenu() {
  const id = useId();
  const { token, remember, setToken, setRemember } = useToken();
  return (
    <div className="brand">
      <span className="brand-name">accounts-graph</span>
      <button type="button" className="token-button" popoverTarget={id} aria-label={token ? 'Token, set' : 'Token, not set'}>
        <span className={token ? 'token-dot token-set' : 'token-dot'} aria-hidden="true" />
        Token
      </button>
      <form id={id} popover="auto" className="token-menu" aria-label="Token" onSubmit={(event) => event.preventDefault()}>
        <label htmlFor={`${id}-token`}>API token</label>
        <input
          id={`${id}-token`}
          type="password"
          autoComplete="off"
          spellCheck={false}
          placeholder="idt:TKN-…"
          value={token}
          onChange={(event) => setToken(event.target.value.trim())}
        />
        <label className="token-remember">
          <input type="checkbox" checked={remember} onChange={(event) => setRemember(event.target.checked)} />
          Remember in this browser
        </label>
        <p>
          Sent as <code>authorization: Bearer …</code> with each operation, and kept in memory until the page is closed.
          The headers editor goes before it.
        </p>
        <p>
          The sandbox takes a caller without a token for Operations; <code>idt:TKN-0000-0002:vendor</code> and{' '}
          <code>idt:TKN-0000-0003:client</code> see less. The field <code>viewer</code> says whose token it is, and needs one:{' '}
          <code>idt:TKN-0000-0001:operations</code> is that of Operations.
        </p>
      </form>
    </div>
  );
}
