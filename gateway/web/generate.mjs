/** Writes the client's wire types from the gateway's OpenAPI document. */
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const source = new URL('../contract/openapi.json', import.meta.url);
const target = new URL('client/src/contract.ts', import.meta.url);

const HEADER = `/** Made by \`npm run generate\` from gateway/contract/openapi.json: change it there. */

`;

const document = JSON.parse(await readFile(source, 'utf8'));
// The generator reads 3.1; what 3.2 adds (streams of items) has no types to give.
document.openapi = '3.1.0';
await writeFile(target, HEADER + astToString(await openapiTS(document)));
