import { describe, expect, it, vi } from 'vitest';
import type { Act, Part } from '../src/types.ts';
import { textOf } from '../src/fold/view.ts';
import { viewOf, withOlder } from '../src/fold/window.ts';
import * as make from './builders.ts';
import { FakeSocket } from './fake-socket.ts';
import { underFakeTime } from './fake-time.ts';
import { C, connected, makeClient } from './harness.ts';

const BUTTONS: Part = { type: 'actions', actions: [{ id: 'yes', label: 'Yes' }], once: true };

const offered = (seq: number) =>
  make.event(seq, {
    type: 'message.completed',
    message: { id: 'a1', author: make.GUIDE.id, parts: [{ type: 'text', text: 'Well?' }, BUTTONS] },
    run: 'r1',
    whole: true,
  });

const act: Act = { seq: 5, message: 'a1', part: 1, action: 'yes', label: 'Yes', once: true };

const pressed = (seq: number, id: string) =>
  make.event(seq, {
    type: 'message.created',
    message: { id, author: make.ADA.id, parts: [{ type: 'act', ...act }] },
  });

const log = [make.begun, make.said(2, 'm1', 'hi'), make.runStarted(3), make.started(4), offered(5)];

function offering(events: typeof log) {
  const { timeline } = viewOf(make.state({ events }));
  return timeline.items.find((item) => item.kind === 'message' && item.id === 'a1');
}

describe('what is offered', () => {
  it('knows its event and who has pressed it, and a press reads as its label', () => {
    const events = [...log, pressed(6, 'p1')];
    expect(offering(events)).toMatchObject({
      seq: 4,
      whole: 5,
      presses: [{ part: 1, action: 'yes', author: make.ADA.id, seq: 6 }],
    });
    const { timeline } = viewOf(make.state({ events }));
    const said = timeline.items.findLast((item) => item.kind === 'message');
    expect(said?.kind === 'message' && textOf(said)).toBe('Yes');
  });

  it('is known however late it is read', () => {
    const late = viewOf(make.state({ events: [pressed(6, 'p1')] }));
    const { timeline } = withOlder(late, log);
    const item = timeline.items.find((one) => one.id === 'a1');
    expect(item?.kind === 'message' && item.presses).toHaveLength(1);
  });
});

describe('a press', () => {
  underFakeTime();

  const press = { seq: 5, message: 'a1', action: 'yes' };

  it('is said under the same id until it is answered', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    const pressing = client.act(C, press);
    const first = socket.lastOf('act');
    expect(first.act).toMatchObject(press);
    socket.drop();
    await vi.advanceTimersByTimeAsync(600);
    FakeSocket.last.welcome();
    await vi.advanceTimersByTimeAsync(4000);
    const second = FakeSocket.last.lastOf('act');
    expect(second.act.id).toBe(first.act.id);
    FakeSocket.last.say({ type: 'accepted', request: second.request, conversation: C, seq: 7 });
    await expect(pressing).resolves.toBe(7);
  });

  it('that is refused says why, field by field', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    const pressing = client.act(C, press).catch((problem: unknown) => problem);
    const faults = [{ field: 'n', code: 'required' as const, message: 'this must be answered' }];
    const { request } = socket.lastOf('act');
    const code = 'invalid_value' as const;
    socket.say({ type: 'error', request, code, message: 'x', retryable: false, faults });
    expect(await pressing).toMatchObject({ code, faults });
  });
});
