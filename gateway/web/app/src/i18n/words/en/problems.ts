/** What went wrong, and what to do about it. */
import type { ErrorCode } from '@convene/client';
import type { FaultWords } from '../../faults.ts';
import { grammarOf } from '../../grammar.ts';

const { plural } = grammarOf('en');

export const problems = {
  /** Of refusals, by the codes of the wire: what happened, and what to do. */
  problems: {
    bad_request: 'The server could not read this. Reload the page and try again.',
    unauthenticated: 'You are not signed in any more. Sign in again.',
    token_expired: 'Your session has ended. Sign in again.',
    forbidden: 'You may not do this. Ask an owner of the conversation.',
    not_found: 'There is no such thing, or you may not see it.',
    conflict: 'This was used already for something else. Reload the page and try again.',
    busy: 'An answer is being written. Wait until it is done, then try again.',
    nothing_to_cancel: 'There is nothing to stop.',
    last_owner: 'You are the only owner. Make somebody else an owner first.',
    no_such_participant: 'The person or agent that this is for is not in the conversation.',
    not_offered: 'This cannot be chosen any more.',
    already_pressed: 'Somebody else was first.',
    invalid_value: 'This is not what was asked for.',
    too_large: 'This is too long. Make it shorter.',
    rate_limited: 'That was too much at once. Wait a moment, then try again.',
    unavailable: 'Something on our side is away right now. Try again in a moment.',
    fenced: 'Somebody else has taken this over.',
    gap: 'A piece is missing. Reload the page.',
    cancelled: 'Somebody has stopped this.',
    internal: 'Something went wrong on our side. Try again in a moment.',
  } satisfies Record<ErrorCode, string>,
  unreached: 'The server cannot be reached. Check the connection and try again.',
  unknownProblem: 'Something went wrong. Please try again.',
  /** Of a form's fields, by the codes of the wire. */
  faults: {
    required: 'This is needed.',
    wrong_type: {
      text: 'Words are needed here.',
      email: 'An e-mail address is needed, such as ada@example.org.',
      phone: 'A telephone number is needed, such as +44 20 7946 0000.',
      number: 'A number is needed.',
      integer: 'A whole number is needed.',
      boolean: 'Yes or no is needed.',
      date: 'A day is needed.',
      time: 'A time is needed, such as 14:30.',
      choice: 'One of the options is needed.',
    },
    too_short: {
      other: 'This is too short.',
      than: (least) =>
        plural(least, {
          one: 'At least # character is needed.',
          other: 'At least # characters are needed.',
        }),
    },
    too_long: {
      other: 'This is too long.',
      than: (most) =>
        plural(most, { one: 'At most # character fits.', other: 'At most # characters fit.' }),
    },
    too_small: {
      other: 'This is too little.',
      than: (least) => `It must be at least ${least}.`,
      day: (first) => `It must be ${first} or later.`,
      time: (first) => `It must be ${first} or later.`,
    },
    too_large: {
      other: 'This is too much.',
      than: (most) => `It must be at most ${most}.`,
      day: (last) => `It must be ${last} or earlier.`,
      time: (last) => `It must be ${last} or earlier.`,
    },
    pattern: 'This does not have the expected format.',
    not_an_option: 'This is none of the options.',
    unknown_field: 'This was not asked for.',
  } satisfies FaultWords as FaultWords,
  /** Why a run failed, by the codes of the agents that come with Convene. */
  failures: {
    model_unavailable: 'The language model cannot be reached right now. Ask again in a moment.',
    model_malformed: 'The language model’s answer could not be read. Ask again.',
    model_refused: 'The language model refused the request. Tell whoever runs this.',
    model_failed: 'The language model could not answer. Ask again in a moment.',
    model_empty: 'The language model said nothing. Ask again, in other words.',
    model_filtered: 'The language model’s provider withheld the answer. Ask in other words.',
    notes_unreadable:
      'What the agent knows of this conversation could not be read. Ask again in a moment.',
    note_unreadable:
      'What the agent knows of this conversation could not be read. Tell whoever runs this.',
    note_invalid: 'The agent could not remember this. Tell whoever runs this.',
    offer_invalid: 'The agent offered something that cannot be shown. Tell whoever runs this.',
    run_over: 'The answer was over before it was written. Ask again.',
    run_timed_out: 'The answer took too long. Ask again, for less at once.',
    agent_panicked: 'The agent crashed. Ask again.',
    agent_unknown: 'This agent is not at work here. Tell whoever runs this.',
    agent_not_ready: 'The agent is not ready to answer yet. Ask again in a moment.',
    attempts_exhausted: 'No attempt to answer worked. Ask again later.',
    answer_too_long: 'The answer became too long. Ask for less at once.',
    too_many_messages: 'The answer became too many messages. Ask for less at once.',
    input_unreadable: 'What was said could not be read. Say it again, in other words.',
    project_not_ready: 'The assistant is still learning what it was taught. Ask again in a moment.',
    timer_invalid: 'The agent could not set a timer. Tell whoever runs this.',
    too_many_timers: 'The agent has set too many timers here. Tell whoever runs this.',
    timer_too_far: 'The agent’s timer lies too far ahead. Tell whoever runs this.',
    internal: 'Something went wrong on our side. Ask again in a moment.',
  },
};
