import { useState } from 'react';
import type { UpstreamRequest } from '../explain';
import { pathOf } from '../fields';
import { bytes, milliseconds } from '../text';
import { readable } from './rql';

/** Everything that is known of one request. */
export function RequestDetails({ request }: { request: UpstreamRequest }) {
  const { outcome } = request;
  return (
    <div className="request-details">
      <dl>
        <Row name="Path">
          <code>{request.path}</code>
        </Row>
        {request.rql && (
          <Row name="RQL">
            <pre>{readable(request.rql)}</pre>
          </Row>
        )}
        {request.select.length > 0 && (
          <Row name="Select">
            <span className="chips">
              {request.select.map((entry) => (
                <code key={entry}>{entry}</code>
              ))}
            </span>
          </Row>
        )}
        <Row name="For">
          <span className="chips">
            {request.fields.map((keys) => (
              <code key={pathOf(keys)}>{keys.join(' › ')}</code>
            ))}
          </span>
        </Row>
        {request.reason && <Row name="Why">{request.reason}</Row>}
        {outcome && (
          <Row name="Answer">
            {[
              outcome.status ?? 'none',
              outcome.code,
              bytes(outcome.bytes),
              `sent after ${milliseconds(outcome.startMs)}`,
              outcome.shared && 'shared with another operation',
            ]
              .filter(Boolean)
              .join(', ')}
          </Row>
        )}
      </dl>
      <CopyCurl curl={request.curl} />
    </div>
  );
}

function Row({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function CopyCurl({ curl }: { curl: string }) {
  const [said, setSaid] = useState('');
  const copy = () => {
    navigator.clipboard.writeText(curl).then(
      () => setSaid('Copied'),
      () => setSaid('The browser did not allow it'),
    );
  };
  return (
    <p className="copy">
      <button type="button" onClick={copy}>
        Copy as curl
      </button>
      <span role="status">{said}</span>
    </p>
  );
}
