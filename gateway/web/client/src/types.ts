/** The names of the contract's types, as the rest of the client says them. */
import type { components } from './contract.ts';

type Schemas = components['schemas'];

export type Account = Schemas['Account'];
export type Act = Schemas['Act'];
export type Action = Schemas['Action'];
export type Actions = Schemas['Actions'];
export type Agent = Schemas['Agent'];
export type Card = Schemas['Card'];
export type ClientFrame = Schemas['ClientFrame'];
export type Conversation = Schemas['Conversation'];
export type Conversations = Schemas['Conversations'];
export type ErrorCode = Schemas['ErrorCode'];
export type Event = Schemas['Event'];
export type Field = Schemas['Field'];
export type FieldFault = Schemas['FieldFault'];
export type Form = Schemas['Form'];
export type Failure = Schemas['Failure'];
export type Guest = Schemas['Guest'];
export type History = Schemas['History'];
export type Invitation = Schemas['Invitation'];
export type Invite = Schemas['Invite'];
export type Me = Schemas['Me'];
export type Message = Schemas['Message'];
export type NewAct = Schemas['NewAct'];
export type NewConversation = Schemas['NewConversation'];
export type NewMessage = Schemas['NewMessage'];
export type NewParticipant = Schemas['NewParticipant'];
export type Part = Schemas['Part'];
export type Note = Schemas['Note'];
export type Participant = Schemas['Participant'];
export type ProblemBody = Schemas['Problem'];
export type Role = Schemas['Role'];
export type Sent = Schemas['Sent'];
export type ServerFrame = Schemas['ServerFrame'];
export type Suggestion = Schemas['Suggestion'];
export type State = Schemas['State'];
export type Streaming = Schemas['Streaming'];
export type TurnPolicy = Schemas['TurnPolicy'];
export type Usage = Schemas['Usage'];

/** A server frame of one type. */
export type FrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>;

/** An event of one type. */
export type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;
