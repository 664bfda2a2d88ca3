/** The public face of the package. */
export { Api } from './api.ts';
export type { ApiOptions } from './api.ts';
export { ConveneClient } from './client.ts';
export type { ClientOptions, ConversationState, SendOptions } from './client.ts';
export { NOBODY } from './company.ts';
export type { Company } from './company.ts';
export type { components } from './contract.ts';
export type { FeedState, Sync } from './feed.ts';
export { plainValue, readFacts, readUnderstood } from './flow.ts';
export type { Clause, Fact, FoundEntity, RankedIntent, Understood, Why } from './flow.ts';
export type { Noted } from './fold/noted.ts';
export { takeDelta, takeEvent } from './fold/take.ts';
export type { Delta, Taken } from './fold/take.ts';
export { isUnderWay, textOf } from './fold/view.ts';
export type {
  Item,
  MessageItem,
  NoticeEvent,
  NoticeItem,
  Press,
  Run,
  SignalEvent,
  SignalItem,
  Timeline,
  View,
} from './fold/view.ts';
export { hasOlder, viewOf, withOlder } from './fold/window.ts';
export { guestToken, guestTokens } from './guest.ts';
export type { GuestToken, GuestTokenPlace, GuestTokensOptions } from './guest.ts';
export { freshId } from './ids.ts';
export type { Pending } from './outbox.ts';
export { ProblemError } from './problem.ts';
export { readEvents } from './sse.ts';
export type { ReadEventsOptions } from './sse.ts';
export type { KeyValue } from './storage.ts';
export type * from './types.ts';
export type { Socket, SocketMaker } from './wire/socket.ts';
export type { Status, TokenReason, TokenSource } from './wire/connection.ts';
