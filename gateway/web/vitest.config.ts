import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['convene-source'] },
  ssr: { resolve: { conditions: ['convene-source'] } },
  test: {
    include: ['client/test/**/*.test.ts', 'app/test/**/*.test.{ts,tsx}'],
    // As long as a loaded machine needs: what is green has waited for nothing.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
