/**
 * Somebody who uses this package, for `tests/it/rolling.rs`: talks without a pause over a socket, or
 * reads along over server-sent events, and says in lines of JSON how long they waited, and at the end
 * what they saw.
 *
 *     node rolling.mjs talk 60               # until a line comes in
 *     node rolling.mjs follow CONVERSATION   # until there are as many answers as a line says
 */
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import {
  ConveneClient,
  isUnderWay,
  readEvents,
  takeDelta,
  takeEvent,
  textOf,
  viewOf,
} from '@convene/client';

const baseUrl = process.env.CONVENE_URL;
const token = () => process.env.CONVENE_TOKEN;
const [doing, argument] = process.argv.slice(2);

/** A wait that is worth a line, in milliseconds. */
const LONG = 100;

const lines = createInterface({ input: process.stdin });
const line = new Promise((resolve) => lines.once('line', resolve));
const problems = new Set();
let resets = 0;
let last = performance.now();

function say(words) {
  process.stdout.write(`${JSON.stringify(words)}\n`);
}

/** What was waited for has come. */
function came() {
  const waited = Math.round(performance.now() - last);
  if (waited > LONG) say({ waited });
  last = performance.now();
}

/** What agents have said in a view after an item, or after its beginning. */
function answersIn(view, after) {
  const items = view?.timeline.items ?? [];
  const from = items.findIndex((item) => item.id === after) + 1;
  if (after !== undefined && from === 0) return [];
  return items.slice(from).filter((item) => item.kind === 'message' && item.run !== undefined);
}

function isWhole(view, answer) {
  const run = view.timeline.runs.get(answer.run);
  return answer.status === 'whole' && run !== undefined && !isUnderWay(run);
}

const length = (answers) => answers.reduce((sum, answer) => sum + textOf(answer).length, 0);

async function talk(tokens) {
  const client = new ConveneClient({ baseUrl, participant: 'node', token, WebSocket });
  client.start();
  const { id } = await client.api.create({ title: 'From Node' });
  say({ conversation: id });
  const close = client.open(id);
  let known = 0;
  client.listen(() => {
    const { problem, pending, view } = client.state(id);
    if (problem) problems.add(problem.message);
    for (const { problem } of pending) if (problem) problems.add(problem.message);
    if (client.status.state === 'ended') problems.add(`ended: ${JSON.stringify(client.status)}`);
    if ((view?.last ?? 0) < known) resets += 1;
    known = view?.last ?? 0;
  });
  const until = (wish) =>
    new Promise((resolve) => {
      const look = () => {
        if (!wish(client.state(id))) return;
        stop();
        resolve();
      };
      const stop = client.listen(look);
      look();
    });

  let isOver = false;
  void line.then(() => (isOver = true));
  const answers = [];
  while (!isOver) {
    last = performance.now();
    const message = client.send(id, `/stream ${tokens} at 20`);
    const isOurs = (entry) => entry.message.id === message && entry.state !== 'accepted';
    await until(({ pending }) => !pending.some(isOurs));
    came();
    let read = 0;
    await until(({ view }) => {
      const said = answersIn(view, message);
      if (length(said) !== read) came();
      read = length(said);
      return said.length > 0 && said.every((answer) => isWhole(view, answer));
    });
    answers.push(answersIn(client.state(id).view, message).map(textOf).join(''));
  }
  close();
  client.stop();
  return answers;
}

async function follow(conversation) {
  const whole = new Map();
  let wanted = Infinity;
  const enough = new AbortController();
  const look = () => {
    if (whole.size >= wanted) enough.abort();
  };
  void line.then((count) => {
    wanted = Number(count);
    look();
  });
  let view;
  let read = 0;
  for await (const frame of readEvents(conversation, { baseUrl, token, signal: enough.signal })) {
    if (frame.type === 'reset') resets += 1;
    if (frame.type === 'ended' && !frame.retryable) problems.add(JSON.stringify(frame));
    if (frame.type === 'snapshot' || frame.type === 'reset') view = viewOf(frame.state);
    if (!view) continue;
    let taken = 'known';
    if (frame.type === 'event') taken = takeEvent(view, frame.event);
    if (frame.type === 'delta') taken = takeDelta(view, frame);
    if (taken === 'hole') problems.add('a hole');
    else if (taken !== 'known') view = taken;
    const said = answersIn(view);
    if (length(said) !== read) came();
    read = length(said);
    for (const answer of said) if (isWhole(view, answer)) whole.set(answer.run, textOf(answer));
    look();
  }
  return [...whole.values()];
}

const answers = await (doing === 'talk' ? talk(argument) : follow(argument));
say({ answers, resets, problems: [...problems] });
process.exit(0);
