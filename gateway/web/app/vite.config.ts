import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

/** The folder stays in the repository, empty: the gateway embeds it, built or not. */
function keepDistIgnored(): Plugin {
  return {
    name: 'keep-dist-ignored',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: '.gitignore', source: '*\n!.gitignore\n' });
    },
  };
}

const gateway = process.env.CONVENE_GATEWAY ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), keepDistIgnored()],
  resolve: { conditions: ['convene-source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/v1': { target: gateway, ws: true } } },
});
