import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';

export default defineConfig(
  { ignores: ['dist/', 'client/dist/', 'client/src/contract.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['app/src/**/*.{ts,tsx}'],
    extends: [jsxA11y.flatConfigs.strict, reactHooks.configs.flat.recommended],
  },
  {
    files: ['page-tests/**/*.ts'],
    ignores: ['page-tests/patience.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['waitUntil', 'waitFor'].map((property) => ({
          object: 'vi',
          property,
          message: 'It gives up after a second: `until` waits as long as a loaded machine needs.',
        })),
      ],
    },
  },
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: globals.node } },
  {
    files: ['app/public/*.js'],
    languageOptions: { globals: globals.browser, sourceType: 'script' },
  },
);
