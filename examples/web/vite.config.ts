import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The gateway answers at the page's own origin, as it would behind a proxy.
const proxy = { '/graphql': 'http://127.0.0.1:4000' };

export default defineConfig({ plugins: [react()], server: { proxy }, preview: { proxy } });
