import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      {children}
    </svg>
  );
}

export const ExamplesIcon = () => (
  <Icon>
    <path d="M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3z" />
    <path d="M5 17a3 3 0 0 1 3-3h11M9 8h6" />
  </Icon>
);

export const UpstreamIcon = () => (
  <Icon>
    <path d="M4 4v16M7 6h7M10 12h9M8 18h5" strokeWidth="2.4" />
  </Icon>
);

export const GraphIcon = () => (
  <Icon>
    <circle cx="6" cy="6" r="3" />
    <circle cx="18" cy="8" r="3" />
    <circle cx="11" cy="18" r="3" />
    <path d="m9 6.5 6 1M16.5 10.6 12.5 15.4M9.8 15.2 7.2 8.8" />
  </Icon>
);
