/** Whatever the network does, the view is a prefix of a log, and each message is sent once. */
import { describe, expect, it, vi } from 'vitest';
import type { ConveneClient } from '../src/client.ts';
import { textOf } from '../src/fold/view.ts';
import type { Event } from '../src/types.ts';
import { Adversary, seeded } from './adversary.ts';
import { FakeSocket } from './fake-socket.ts';
import { underFakeTime } from './fake-time.ts';
import { C, makeClient, settle } from './harness.ts';

/** `CONVENE_SEEDS=2000` for a long look; one seed is tried alone by `CONVENE_SEED`. */
const COUNT = Number(process.env.CONVENE_SEEDS ?? 40);
const ONLY = process.env.CONVENE_SEED;
const SEEDS = ONLY === undefined ? Array.from({ length: COUNT }, (_, n) => n + 1) : [Number(ONLY)];

underFakeTime({ chance: 'real' });

/** Takes up whatever socket the client has opened since. */
function serve(server: Adversary, served: { count: number }): void {
  if (FakeSocket.all.length === served.count) return;
  served.count = FakeSocket.all.length;
  server.attach(FakeSocket.last);
}

function isStretchOf(events: readonly Event[], log: readonly Event[]): boolean {
  const first = events[0]?.seq ?? 1;
  return events.every((event, index) => log[first - 1 + index]?.eid === event.eid);
}

function check(client: ConveneClient, server: Adversary): void {
  const { view } = client.state(C);
  if (!view) return;
  expect(server.logs.some((log) => isStretchOf(view.events, log))).toBe(true);
  for (const item of view.timeline.items) {
    if (item.kind !== 'message' || item.status !== 'streaming') continue;
    const whole = server.texts.get(item.id) ?? '';
    const text = textOf(item);
    expect(whole.slice(0, text.length)).toBe(text);
    expect(item.bytes[0] ?? 0).toBe(Buffer.byteLength(text));
  }
}

const sayings = (log: readonly Event[]) =>
  log.flatMap((event) =>
    event.type === 'message.created' && event.message.author === 'user:ada'
      ? [event.message.id]
      : [],
  );

async function play(seed: number): Promise<void> {
  const random = seeded(seed);
  vi.spyOn(Math, 'random').mockImplementation(random);
  const server = new Adversary(random);
  const served = { count: 0 };
  const first = makeClient();
  let { client } = first;
  const said: string[] = [];
  const begin = () => {
    client.start();
    client.open(C);
  };
  begin();
  for (let round = 0; round < 400; round += 1) {
    await vi.advanceTimersByTimeAsync(server.chance(0.05) ? 20_000 * random() : 20);
    serve(server, served);
    if (server.chance(0.4)) server.live();
    if (server.chance(0.03)) said.push(client.send(C, `said ${round}`));
    if (server.chance(0.02)) server.cut();
    if (server.chance(0.01)) {
      client.stop();
      ({ client } = makeClient(first.options));
      begin();
    }
    server.step();
    server.step();
    check(client, server);
  }
  server.faults = false;
  server.rest();
  for (let round = 0; round < 4000; round += 1) {
    await vi.advanceTimersByTimeAsync(50);
    serve(server, served);
    server.step();
    check(client, server);
    if (round > 400 && server.isQuiet && client.state(C).sync === 'live') break;
  }
  expect(sayings(server.log)).toEqual(said);
  const { view, pending } = client.state(C);
  expect(pending).toEqual([]);
  expect(view?.last).toBe(server.log.length);
  expect(
    view?.timeline.items.filter((item) => item.kind === 'message' && item.status === 'streaming'),
  ).toEqual([]);
  client.stop();
  await settle();
  expect(vi.getTimerCount()).toBe(0);
}

describe('against an adversary', () => {
  it.each(SEEDS)('seed %i', async (seed) => {
    await play(seed);
  });

  it.each(SEEDS.slice(0, 10))('seed %i, with a log that loses its end', async (seed) => {
    const random = seeded(seed);
    vi.spyOn(Math, 'random').mockImplementation(random);
    const server = new Adversary(random);
    const served = { count: 0 };
    const { client } = makeClient();
    client.start();
    client.open(C);
    for (let round = 0; round < 300; round += 1) {
      await vi.advanceTimersByTimeAsync(50);
      serve(server, served);
      if (server.chance(0.5)) server.live();
      if (server.chance(0.02)) server.rewind();
      server.step();
      check(client, server);
    }
    server.faults = false;
    for (let round = 0; round < 4000; round += 1) {
      await vi.advanceTimersByTimeAsync(50);
      serve(server, served);
      server.step();
    }
    expect(isStretchOf(client.state(C).view?.events ?? [], server.log)).toBe(true);
    expect(client.state(C).view?.last).toBe(server.log.length);
    client.stop();
  });
});
