import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['convene-source'] },
  ssr: { resolve: { conditions: ['convene-source'] } },
  test: {
    include: ['client/test/**/*.test.ts', 'app/test/**/*.test.{ts,tsx}'],
  },
});
