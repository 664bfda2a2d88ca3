/** Written by hand until the gateway's OpenAPI document is there; then `npm run generate`. */
export interface components {
  schemas: {
    Participant: { id: string; name: string; role: components['schemas']['Role'] };
    Role: 'owner' | 'member' | 'operator' | 'agent';
    TurnPolicy: 'enqueue' | 'merge' | 'interrupt' | 'reject';
    Part: { type: 'text'; text: string };
    Message: {
      id: string;
      author: string;
      parts: components['schemas']['Part'][];
      to?: string[] | null;
    };
    NewMessage: {
      id: string;
      parts: components['schemas']['Part'][];
      to?: string[] | null;
      policy?: components['schemas']['TurnPolicy'] | null;
    };
    Failure: { code: string; message: string };
    Usage: { input_tokens: number; output_tokens: number };
    Outcome:
      | { outcome: 'completed' }
      | { outcome: 'cancelled' }
      | { outcome: 'failed'; error: components['schemas']['Failure'] };
    Conversation: {
      id: string;
      title?: string | null;
      agent?: string | null;
      policy: components['schemas']['TurnPolicy'];
      participants: components['schemas']['Participant'][];
      created_at: number;
      updated_at: number;
      head: number;
      first: number;
    };
    Event: components['schemas']['EventBody'] & { seq: number; eid: string; at: number };
    EventBody:
      | {
          type: 'conversation.created';
          by: string;
          title?: string | null;
          participants: components['schemas']['Participant'][];
        }
      | { type: 'conversation.renamed'; by: string; title: string }
      | { type: 'participant.joined'; participant: components['schemas']['Participant'] }
      | { type: 'participant.left'; participant: string }
      | { type: 'message.created'; message: components['schemas']['Message'] }
      | { type: 'message.started'; message: string; author: string; run: string }
      | {
          type: 'message.completed';
          message: components['schemas']['Message'];
          run: string;
          whole: boolean;
        }
      | { type: 'message.retracted'; message: string; run: string }
      | { type: 'run.started'; run: string; agent: string; attempt: number; inputs: number[] }
      | {
          type: 'run.retrying';
          run: string;
          attempt: number;
          error: components['schemas']['Failure'];
          delay_ms: number;
        }
      | (components['schemas']['Outcome'] & {
          type: 'run.finished';
          run: string;
          usage?: components['schemas']['Usage'] | null;
        });
    State: {
      conversation: components['schemas']['Conversation'];
      events: components['schemas']['Event'][];
      streaming?: components['schemas']['Streaming'] | null;
      here: string[];
    };
    Streaming: { message: string; part: number; text: string };
    ErrorCode:
      | 'bad_request'
      | 'unauthenticated'
      | 'token_expired'
      | 'forbidden'
      | 'not_found'
      | 'conflict'
      | 'busy'
      | 'nothing_to_cancel'
      | 'too_large'
      | 'rate_limited'
      | 'unavailable'
      | 'fenced'
      | 'gap'
      | 'internal';
    Problem: { code: components['schemas']['ErrorCode']; message: string; retryable: boolean };
    Signal:
      | { signal: 'typing' }
      | { signal: 'presence'; here: boolean }
      | { signal: 'read'; seq: number };
    ClientFrame:
      | { type: 'hello'; request: number; token: string }
      | { type: 'subscribe'; request: number; conversation: string; after?: string | null }
      | { type: 'unsubscribe'; request: number; conversation: string }
      | {
          type: 'send';
          request: number;
          conversation: string;
          message: components['schemas']['NewMessage'];
        }
      | { type: 'cancel'; request: number; conversation: string; run?: string | null }
      | { type: 'typing'; conversation: string }
      | { type: 'read'; conversation: string; seq: number }
      | { type: 'ping'; request: number };
    ServerFrame:
      | {
          type: 'welcome';
          participant: string;
          name: string;
          heartbeat_ms: number;
          expires_at?: number | null;
        }
      | { type: 'accepted'; request: number; conversation: string; seq?: number | null }
      | (components['schemas']['Problem'] & { type: 'error'; request?: number | null })
      | { type: 'resumed'; request: number; conversation: string; position: string }
      | {
          type: 'snapshot';
          request: number;
          conversation: string;
          position: string;
          state: components['schemas']['State'];
        }
      | {
          type: 'reset';
          request: number;
          conversation: string;
          position: string;
          state: components['schemas']['State'];
        }
      | {
          type: 'event';
          conversation: string;
          position: string;
          event: components['schemas']['Event'];
        }
      | {
          type: 'delta';
          conversation: string;
          position: string;
          message: string;
          part: number;
          offset: number;
          text: string;
        }
      | (components['schemas']['Signal'] & {
          type: 'signal';
          conversation: string;
          participant: string;
        })
      | { type: 'drain'; delay_ms: number }
      | { type: 'pong'; request: number };
  };
}
