/** Writes the client's wire types from the gateway's OpenAPI document. */
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const source = new URL('../contract/openapi.json', import.meta.url);
const target = new URL('client/src/contract.ts', import.meta.url);

const HEADER = `/** Made by \`npm run generate\` from gateway/contract/openapi.json: change it there. */

`;

const { openapi, info, components } = JSON.parse(await readFile(source, 'utf8'));
const types = await openapiTS({ openapi, info, paths: {}, components });
await writeFile(target, HEADER + astToString(types));
