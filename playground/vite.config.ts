import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const TEXT = /\.(css|html|js|svg|ttf)$/;

/** Leaves a `.br` and a `.gz` beside each file that they make smaller: the server sends them as they are. */
function compressed(): Plugin {
  let folder = '';
  return {
    name: 'compressed',
    apply: 'build',
    configResolved(config) {
      folder = config.build.outDir;
    },
    async closeBundle() {
      const files = await readdir(folder, { recursive: true });
      const compress = async (name: string) => {
        const plain = await readFile(join(folder, name));
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
        await writeFile(join(folder, `${name}.br`), await promisify(brotliCompress)(plain, { params }));
        await writeFile(join(folder, `${name}.gz`), await promisify(gzip)(plain, { level: constants.Z_BEST_COMPRESSION }));
      };
      await Promise.all(files.filter((name) => TEXT.test(name)).map(compress));
    },
  };
}

export default defineConfig({
  // The server may put the page at any path.
  base: './',
  plugins: [react(), compressed()],
  build: {
    target: 'es2022',
    // A data URL would need a hole in the Content-Security-Policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 5000,
    modulePreload: { polyfill: false },
    // React's compiler leaves "use no memo" behind, which means nothing in a bundle.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
  worker: { format: 'es' },
  server: { proxy: { '/graphql': 'http://127.0.0.1:4000' } },
});
