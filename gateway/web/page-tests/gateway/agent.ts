/** The agent's part, played by the test: one run in one conversation, step by step. */
import type { Failure, Part } from '@convene/client';
import type { Log } from './log.ts';

let count = 0;

export class Answering {
  readonly #log: Log;
  readonly run: string;
  #attempt = 0;
  #message = '';
  #text = '';

  constructor(log: Log) {
    count += 1;
    this.#log = log;
    this.run = `run-${count}`;
  }

  /** `inputs`: the events that it answers. */
  start(...inputs: number[]): this {
    this.#attempt += 1;
    const { run } = this;
    const attempt = this.#attempt;
    this.#log.append({ type: 'run.started', run, agent: 'guide', attempt, inputs });
    return this;
  }

  note(name: string, value: unknown): this {
    const { run } = this;
    const attempt = this.#attempt;
    const note = { name, value };
    this.#log.append({ type: 'agent.noted', agent: 'guide', run, attempt, note });
    return this;
  }

  /** Begins a message and writes the first words of it. */
  begin(text: string): this {
    this.#message = `agent-${this.run}-${this.#attempt}`;
    this.#text = '';
    const { run } = this;
    const author = 'agent:guide';
    this.#log.append({ type: 'message.started', message: this.#message, author, run });
    return this.write(text);
  }

  write(text: string): this {
    this.#text += text;
    this.#log.write(text);
    return this;
  }

  complete(whole = true): this {
    const parts = [{ type: 'text' as const, text: this.#text }];
    const message = { id: this.#message, author: 'agent:guide', parts };
    this.#log.append({ type: 'message.completed', message, run: this.run, whole });
    return this;
  }

  /** Says these parts behind the text. */
  offer(...offered: Part[]): this {
    const text = this.#text === '' ? [] : [{ type: 'text' as const, text: this.#text }];
    const message = { id: this.#message, author: 'agent:guide', parts: [...text, ...offered] };
    this.#log.append({ type: 'message.completed', message, run: this.run, whole: true });
    return this;
  }

  /** `closes` names what it has offered and is over. */
  finish(...closes: string[]): void {
    this.#log.append({ type: 'run.finished', run: this.run, outcome: 'completed', closes });
  }

  stop(): void {
    this.complete(false);
    this.#log.append({ type: 'run.finished', run: this.run, outcome: 'cancelled' });
  }

  breakOff(error: Failure): this {
    const { run } = this;
    this.#log.append({ type: 'message.retracted', message: this.#message, run });
    const attempt = this.#attempt;
    this.#log.append({ type: 'run.retrying', run, attempt, error, delay_ms: 500 });
    return this;
  }

  fail(error: Failure): void {
    this.#log.append({ type: 'run.finished', run: this.run, outcome: 'failed', error });
  }

  answer(text: string): void {
    this.start().begin(text).complete().finish();
  }
}
