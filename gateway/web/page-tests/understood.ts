/** What the agent `flow` would note about a question, with all that is wide and deep. */

export const UNDERSTOOD = {
  text: '',
  who: 'user:olga',
  language: 'en',
  decision: 'sure',
  intents: [
    { intent: 'track_order', confidence: 0.912, score: 0.84 },
    { intent: 'return_item', confidence: 0.071, score: -0.6 },
  ],
  clauses: [
    { start: 0, end: 8, intent: 'track_order', confidence: 0.9, score: 0.8 },
    { start: 9, end: 15, intent: 'return_item', confidence: 0.8, score: 0.71 },
  ],
  entities: [{ name: 'order_number', value: { type: 'text', text: 'AB1234' } }],
};
export const FACTS = [
  { type: 'turn.started', turn: 1, input: 'x', at: '2026-11-26T00:00:00' },
  { type: 'flow.started', flow: 'track_order', version: 'v', why: { intent: 'track_order' } },
  { type: 'slot.set', slot: 'number', shared: true, value: { text: 'AB1234' }, from: 'entity' },
  { type: 'flow.stepped', flow: 'track_order', version: 'v', step: 'which', why: 'first' },
  {
    type: 'flow.stepped',
    flow: 'track_order',
    version: 'v',
    step: 'say_a_very_long_name_of_a_step_that_is_wider_than_any_phone',
    why: { condition: 'status == "shipped"' },
  },
  { type: 'event.misfitted', event: 'paid', slots: ['amount', 'day'] },
  { type: 'slot.outdated', slot: 'size', frame: 0 },
  { type: 'a.newer.fact', about: ['what', { is: 'unknown' }] },
  { type: 'flow.ended', flow: 'track_order', outcome: 'completed' },
  { type: 'turn.ended', turn: 1 },
];
