/** Made by `npm run generate` from gateway/contract/openapi.json: change it there. */

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description What an account may do, beyond what it may in conversations of its own.
         * @enum {string}
         */
        Account: "user" | "operator" | "admin";
        /** @description What a person has pressed or submitted, as the context service found it in order. */
        Act: {
            /** @description The event with the message that offered it, when it was pressed. */
            seq: components["schemas"]["Seq"];
            /** @description That message, by its id: a log that lost its end may have another event there by now. */
            message: components["schemas"]["MessageId"];
            /**
             * Format: int32
             * @description Which part of that message, from 0.
             */
            part: number;
            action: components["schemas"]["ActionId"];
            /** @description The action's value; of a form, an object with a member for each field that was answered. */
            value?: unknown;
            /** @description The action's label; of a form, its answers, one on a line. */
            label: string;
            /** @description Nobody else can press what this part offered. */
            once?: boolean;
        };
        /** @description Something to press. */
        Action: {
            /** @description Unlike that of any other action or form of the message. */
            id: components["schemas"]["ActionId"];
            label: string;
            /** @description A text, a number or a truth value that comes back with the press. */
            value?: unknown;
            style?: components["schemas"]["Style"];
            /** @description It opens this page instead, and nobody is told: `https:`, `http:`, `mailto:` or `tel:`. */
            url?: string | null;
        };
        ActionId: string;
        /** @description Actions to choose from. */
        Actions: components["schemas"]["Offer"] & {
            layout?: components["schemas"]["Layout"];
            actions: components["schemas"]["Action"][];
        };
        Agent: {
            name: string;
            /** @description What to call it on screen. */
            title: string;
            description: string;
            model?: string | null;
            /** @description Whether it answers in conversations that name no agent. */
            default: boolean;
            /** @description False while it still learns: what is said to it waits until it is. */
            ready: boolean;
            /** @description What one could say to it first, in its languages. */
            suggestions: components["schemas"]["Suggestion"][];
            /** @description What keeps it from answering as it should, and what to do about it: told to operators alone. */
            trouble?: string | null;
        };
        AgentName: string;
        Agents: {
            agents: components["schemas"]["Agent"][];
        };
        Cancel: {
            /** @description Only this run; absent: whichever is under way. */
            run?: string | null;
        };
        /** @description A thing to look at, and what can be done with it. */
        Card: components["schemas"]["Offer"] & {
            title: string;
            subtitle?: string | null;
            /** @description The address of a picture: `https:`. */
            image?: string | null;
            /** @description Markdown. */
            text?: string | null;
            fields?: components["schemas"]["Fact"][];
            actions?: components["schemas"]["Action"][];
        };
        /** @description An option of a field. */
        Choice: {
            value: string;
            label: string;
        };
        /** @description What a client may say. */
        ClientFrame: {
            request: components["schemas"]["u64"];
            token: string;
            /** @enum {string} */
            type: "hello";
        } | {
            request: components["schemas"]["u64"];
            conversation: components["schemas"]["ConversationId"];
            after?: components["schemas"]["Position"] | null;
            /** @enum {string} */
            type: "subscribe";
        } | {
            request: components["schemas"]["u64"];
            conversation: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "unsubscribe";
        } | {
            request: components["schemas"]["u64"];
            conversation: components["schemas"]["ConversationId"];
            message: components["schemas"]["NewMessage"];
            /** @description A W3C `traceparent`: the answer's trace then begins at the client. */
            traceparent?: string | null;
            /** @enum {string} */
            type: "send";
        } | {
            request: components["schemas"]["u64"];
            conversation: components["schemas"]["ConversationId"];
            act: components["schemas"]["NewAct"];
            /** @description As with `send`. */
            traceparent?: string | null;
            /** @enum {string} */
            type: "act";
        } | {
            request: components["schemas"]["u64"];
            conversation: components["schemas"]["ConversationId"];
            run?: components["schemas"]["RunId"] | null;
            /** @enum {string} */
            type: "cancel";
        } | {
            conversation: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "typing";
        } | {
            conversation: components["schemas"]["ConversationId"];
            seq: components["schemas"]["Seq"];
            /** @enum {string} */
            type: "read";
        } | {
            request: components["schemas"]["u64"];
            /** @enum {string} */
            type: "ping";
        };
        /** @description A conversation, as its participants see it. */
        Conversation: {
            id: components["schemas"]["ConversationId"];
            title?: string | null;
            agent?: components["schemas"]["AgentName"] | null;
            policy: components["schemas"]["TurnPolicy"];
            participants: components["schemas"]["Participant"][];
            /** Format: int64 */
            created_at: number;
            /**
             * Format: int64
             * @description When its last event was written, in milliseconds since 1970 (UTC).
             */
            updated_at: number;
            /** @description The number of its last event. */
            head: components["schemas"]["Seq"];
            /** @description The number of its oldest event that retention has kept. */
            first: components["schemas"]["Seq"];
        };
        ConversationId: string;
        Conversations: {
            conversations: components["schemas"]["Conversation"][];
            /** @description Absent: no more. */
            next?: string | null;
        };
        /** @description Why and when which command was given up on; nothing that anybody has said. */
        DeadLetter: {
            id: string;
            /**
             * Format: int64
             * @description Milliseconds since 1970 (UTC).
             */
            died_at: number;
            conversation: string;
            agent: string;
            author: string;
            message: string;
            reason: string;
        };
        DeadLetters: {
            dead_letters: components["schemas"]["DeadLetter"][];
        };
        Eid: string;
        /**
         * @description A stable error code. Clients may match on it; the words beside it may change.
         * @enum {string}
         */
        ErrorCode: "bad_request" | "unauthenticated" | "token_expired" | "forbidden" | "not_found" | "conflict" | "busy" | "nothing_to_cancel" | "last_owner" | "no_such_participant" | "not_offered" | "already_pressed" | "invalid_value" | "too_large" | "rate_limited" | "unavailable" | "fenced" | "gap" | "cancelled" | "internal";
        /** @description One entry of a conversation's log. */
        Event: components["schemas"]["EventBody"] & {
            seq: components["schemas"]["Seq"];
            eid: components["schemas"]["Eid"];
            /**
             * Format: int64
             * @description When the log took it, in milliseconds since 1970 (UTC).
             */
            at: number;
        };
        /** @description What an event says. */
        EventBody: {
            by: components["schemas"]["ParticipantId"];
            title?: string | null;
            participants: components["schemas"]["Participant"][];
            /** @enum {string} */
            type: "conversation.created";
        } | {
            by: components["schemas"]["ParticipantId"];
            title: string;
            /** @enum {string} */
            type: "conversation.renamed";
        } | {
            participant: components["schemas"]["Participant"];
            /** @enum {string} */
            type: "participant.joined";
        } | {
            participant: components["schemas"]["ParticipantId"];
            /** @enum {string} */
            type: "participant.left";
        } | {
            message: components["schemas"]["Message"];
            /** @enum {string} */
            type: "message.created";
        } | {
            message: components["schemas"]["MessageId"];
            author: components["schemas"]["ParticipantId"];
            run: components["schemas"]["RunId"];
            /** @enum {string} */
            type: "message.started";
        } | {
            message: components["schemas"]["Message"];
            run: components["schemas"]["RunId"];
            /** @description False where the run was cancelled in mid-text; what had been said is kept. */
            whole: boolean;
            /** @enum {string} */
            type: "message.completed";
        } | {
            message: components["schemas"]["MessageId"];
            run: components["schemas"]["RunId"];
            /** @enum {string} */
            type: "message.retracted";
        } | {
            run: components["schemas"]["RunId"];
            agent: components["schemas"]["AgentName"];
            /**
             * Format: int32
             * @description 1 for the first attempt.
             */
            attempt: number;
            /** @description The events that the run answers. */
            inputs: components["schemas"]["Seq"][];
            /** @enum {string} */
            type: "run.started";
        } | {
            agent: components["schemas"]["AgentName"];
            run: components["schemas"]["RunId"];
            /** Format: int32 */
            attempt: number;
            note: components["schemas"]["Note"];
            /** @enum {string} */
            type: "agent.noted";
        } | {
            agent: components["schemas"]["AgentName"];
            run: components["schemas"]["RunId"];
            name: components["schemas"]["TimerName"];
            rings?: components["schemas"]["Rings"] | null;
            /** @enum {string} */
            type: "timer.set";
        } | {
            agent: components["schemas"]["AgentName"];
            run: components["schemas"]["RunId"];
            name: components["schemas"]["TimerName"];
            /** @enum {string} */
            type: "timer.cleared";
        } | {
            agent: components["schemas"]["AgentName"];
            /** @description The run that set it. */
            run: components["schemas"]["RunId"];
            name: components["schemas"]["TimerName"];
            /** @enum {string} */
            type: "timer.fired";
        } | {
            event: components["schemas"]["Happening"];
            /** @enum {string} */
            type: "event.happened";
        } | {
            run: components["schemas"]["RunId"];
            /** Format: int32 */
            attempt: number;
            error: components["schemas"]["Failure"];
            /**
             * Format: int64
             * @description Milliseconds until the next attempt, at the earliest.
             */
            delay_ms: number;
            /** @enum {string} */
            type: "run.retrying";
        } | (components["schemas"]["Outcome"] & {
            run: components["schemas"]["RunId"];
            usage?: components["schemas"]["Usage"] | null;
            /**
             * @description What the agent has offered before this under these names is closed: it was answered, or is
             *     not asked any more. Who presses it all the same is told so by the agent.
             */
            closes?: components["schemas"]["OfferName"][];
        } & {
            /** @enum {string} */
            type: "run.finished";
        });
        EventName: string;
        /** @description A line of a card. */
        Fact: {
            label: string;
            value: string;
        };
        /** @description Why an attempt failed, in words that a user may see: never a secret, never a backtrace. */
        Failure: {
            /** @description A stable code, such as `model_unavailable`. */
            code: string;
            message: string;
        };
        /**
         * @description The kinds of faults. Clients may match on them; the words beside them may change.
         * @enum {string}
         */
        FaultCode: "required" | "wrong_type" | "too_short" | "too_long" | "too_small" | "too_large" | "pattern" | "not_an_option" | "unknown_field";
        /** @description A question. */
        Field: components["schemas"]["Input"] & {
            name: components["schemas"]["FieldName"];
            label: string;
            required?: boolean;
            /** @description What helps to answer it. */
            hint?: string | null;
            /** @description What is said of an answer that does not fit, in place of what is said of any such fault. */
            invalid?: string | null;
            /** @description What stands in it at first. */
            value?: unknown;
        };
        /** @description What is wrong with the answer to one field of a form. */
        FieldFault: {
            field: components["schemas"]["FieldName"];
            code: components["schemas"]["FaultCode"];
            /** @description What to do about it. */
            message: string;
        };
        FieldName: string;
        /** @description Questions that are answered together. */
        Form: components["schemas"]["Offer"] & {
            /** @description The action that submits it. */
            id: components["schemas"]["ActionId"];
            title?: string | null;
            fields: components["schemas"]["Field"][];
            /** @description What the button that submits it says. */
            submit: string;
        };
        Guest: {
            token: string;
            participant: string;
            name: string;
            /**
             * Format: int64
             * @description Seconds since 1970 (UTC).
             */
            expires_at: number;
        };
        /** @description Something that happened outside. */
        Happening: {
            /** @description Chosen by who tells it: the same again is the same event. */
            id: components["schemas"]["MessageId"];
            name: components["schemas"]["EventName"];
            /** @description Who tells it. */
            by: components["schemas"]["ParticipantId"];
            /** @description What is known of it: any JSON. Absent for those who may not look into what agents do. */
            data?: unknown;
        };
        /** @description A page of the log, oldest first. */
        History: {
            events: components["schemas"]["Event"][];
            /** @description The number of the last event there is. */
            head: components["schemas"]["Seq"];
            /** @description The number of the oldest event that retention has kept. */
            first: components["schemas"]["Seq"];
        };
        /** @description What a field takes. Lengths are in characters. */
        Input: {
            /** Format: int32 */
            min_length?: number | null;
            /** Format: int32 */
            max_length?: number | null;
            /** @description A regular expression (of Rust's `regex`) that the whole text must match. */
            pattern?: string | null;
            /** @description It may have several lines. */
            multiline?: boolean;
            /** @enum {string} */
            input: "text";
        } | {
            /** @enum {string} */
            input: "email";
        } | {
            /** @enum {string} */
            input: "phone";
        } | {
            /** Format: double */
            min?: number | null;
            /** Format: double */
            max?: number | null;
            /** @enum {string} */
            input: "number";
        } | {
            /** Format: int64 */
            min?: number | null;
            /** Format: int64 */
            max?: number | null;
            /** @enum {string} */
            input: "integer";
        } | {
            /** @enum {string} */
            input: "boolean";
        } | {
            min?: string | null;
            max?: string | null;
            /** @enum {string} */
            input: "date";
        } | {
            min?: string | null;
            max?: string | null;
            /** @enum {string} */
            input: "time";
        } | {
            options: components["schemas"]["Choice"][];
            multiple?: boolean;
            /** @enum {string} */
            input: "choice";
        };
        /** @description What an invitation invites to. */
        Invitation: {
            conversation: components["schemas"]["ConversationId"];
            title?: string | null;
            /** @description What whoever made the invitation was called then. */
            by: string;
            /** @description How many are in the conversation, its agents among them. */
            participants: number;
            /** @description Whether the caller is in it already: to join would change nothing. */
            joined: boolean;
            /**
             * Format: int64
             * @description Seconds since 1970 (UTC).
             */
            expires_at: number;
        };
        Invite: {
            /** @description Whoever has it can join: `POST /v1/join`. */
            invite: string;
            /**
             * Format: int64
             * @description Seconds since 1970 (UTC).
             */
            expires_at: number;
        };
        Join: {
            invite: string;
        };
        /**
         * @description How actions are shown.
         * @enum {string}
         */
        Layout: "buttons" | "quick_replies" | "choices";
        Me: {
            participant: string;
            name: string;
            role: components["schemas"]["Account"];
            /**
             * Format: int64
             * @description Seconds since 1970 (UTC).
             */
            expires_at: number;
        };
        /** @description What a participant says. */
        Message: {
            id: components["schemas"]["MessageId"];
            author: components["schemas"]["ParticipantId"];
            parts: components["schemas"]["Part"][];
            /**
             * @description Who is addressed. Absent: everybody, and the conversation's agent answers. Present: only
             *     the agents named here are woken.
             */
            to?: components["schemas"]["ParticipantId"][] | null;
            timezone?: components["schemas"]["Timezone"] | null;
        };
        MessageId: string;
        Messages: {
            /** @description Oldest first, without what was taken back. A page of the log in which little was said has few. */
            messages: components["schemas"]["Said"][];
            before?: components["schemas"]["Seq"] | null;
        };
        /** @description A press, or a form that is submitted, as its author's client hands it in. */
        NewAct: {
            /** @description The id of the message that this becomes: chosen by the client, the same for each retry. */
            id: components["schemas"]["MessageId"];
            /** @description The event with the message that offers it. */
            seq: components["schemas"]["Seq"];
            message?: components["schemas"]["MessageId"] | null;
            action: components["schemas"]["ActionId"];
            /**
             * @description Of a form: an object with a member for each field that is answered. Of an action: absent, or
             *     its own value.
             */
            value?: unknown;
            policy?: components["schemas"]["TurnPolicy"] | null;
            timezone?: components["schemas"]["Timezone"] | null;
        };
        NewConversation: {
            /** @description Chosen by the client so that a retry makes no second one; absent: the server chooses. */
            id?: string | null;
            title?: string | null;
            /** @description Who answers; absent: the server's default. `""`: nobody, only people talk. */
            agent?: string | null;
            policy?: components["schemas"]["TurnPolicy"] | null;
        };
        /** @description Something that happened outside, as a service of the operator's tells it. */
        NewEvent: {
            /**
             * @description Chosen by who tells it, fresh for each event, the same for each retry of it. No message of the
             *     conversation has the same.
             */
            id: components["schemas"]["MessageId"];
            name: components["schemas"]["EventName"];
            /** @description What is known of it: an object, whose members have names. */
            data?: {
                [key: string]: unknown;
            } | null;
        };
        NewGuest: {
            /** @description What to call them on screen. */
            name: string;
        };
        /** @description A message as its author's client hands it in. */
        NewMessage: {
            /** @description Chosen by the client, fresh for each message, the same for each retry of it. */
            id: components["schemas"]["MessageId"];
            parts: components["schemas"]["Part"][];
            /** @description See `Message.to`. */
            to?: components["schemas"]["ParticipantId"][] | null;
            policy?: components["schemas"]["TurnPolicy"] | null;
            timezone?: components["schemas"]["Timezone"] | null;
        };
        NewParticipant: {
            /** @description `user:<id>` or `agent:<name>`. */
            id: string;
            /** @description What to call them on screen; absent: as before, or else an agent's title and a person's id. */
            name?: string | null;
            role?: components["schemas"]["NewRole"] | null;
        };
        /**
         * @description The roles that an owner gives to people.
         * @enum {string}
         */
        NewRole: "owner" | "member";
        /** @description Something that an agent has noted. */
        Note: {
            name: components["schemas"]["NoteName"];
            /** @description Any JSON. Absent for those who may not look into what agents do. */
            value?: unknown;
            /** @description What the agent has noted before its run is contained in this, and can be forgotten. */
            base?: boolean;
        };
        NoteName: string;
        /** @description To whom something is offered, how often, and until when. */
        Offer: {
            /** @description One press is accepted of all that this part offers, whoever it is by; the next is refused. */
            once?: boolean;
            /** @description Only these people may press. Absent: everybody in the conversation. */
            for?: components["schemas"]["ParticipantId"][] | null;
            offer?: components["schemas"]["OfferName"] | null;
        };
        OfferName: string;
        /** @description How a run ended. */
        Outcome: {
            /** @enum {string} */
            outcome: "completed";
        } | {
            /** @enum {string} */
            outcome: "cancelled";
        } | {
            error: components["schemas"]["Failure"];
            /** @enum {string} */
            outcome: "failed";
        };
        /** @description A piece of a message. Whoever meets one of a `type` that they do not know passes it over. */
        Part: {
            text: string;
            /** @enum {string} */
            type: "text";
        } | (components["schemas"]["Actions"] & {
            /** @enum {string} */
            type: "actions";
        }) | (components["schemas"]["Card"] & {
            /** @enum {string} */
            type: "card";
        }) | (components["schemas"]["Form"] & {
            /** @enum {string} */
            type: "form";
        }) | (components["schemas"]["Act"] & {
            /** @enum {string} */
            type: "act";
        }) | {
            /** @enum {string} */
            type: "unknown";
        };
        /** @description Somebody in a conversation. */
        Participant: {
            id: components["schemas"]["ParticipantId"];
            /** @description What to call them on screen. */
            name: string;
            role: components["schemas"]["Role"];
        };
        ParticipantId: string;
        Position: string;
        /** @description Why a request was refused, everywhere in the same words: a REST body, an error frame. */
        Problem: {
            code: components["schemas"]["ErrorCode"];
            /** @description What happened and what to do about it. */
            message: string;
            /** @description Whether the same request may succeed later, unchanged. */
            retryable: boolean;
            /** @description With `invalid_value`: what is wrong with a form, field by field. */
            faults?: components["schemas"]["FieldFault"][];
        };
        Read: {
            seq: components["schemas"]["Seq"];
        };
        Rename: {
            title: string;
        };
        /** @description Either `token` or `user`. Times are in seconds since 1970 (UTC). */
        Revoked: {
            /** @description The token's `jti`. */
            token?: string | null;
            /** @description Whose tokens: their `sub`. */
            user?: string | null;
            /**
             * Format: int64
             * @description With `token`: when it expires, so that it need not be remembered longer; one that has expired is
             *     refused. Absent: it is remembered for good.
             */
            expires_at?: number | null;
            /**
             * Format: int64
             * @description With `user`: tokens that were issued at that time or before, and those that do not say when
             *     (`iat`). Absent: now.
             */
            issued_until?: number | null;
        };
        /** @description When a timer rings. */
        Rings: {
            /**
             * Format: int64
             * @description So many milliseconds after it was set.
             */
            after_ms: number;
        } | {
            /**
             * Format: int64
             * @description At this time, in milliseconds since 1970 (UTC); at once where it is past.
             */
            at_ms: number;
        };
        /**
         * @description What a participant may do in a conversation.
         * @enum {string}
         */
        Role: "owner" | "member" | "operator" | "agent";
        RunId: string;
        Said: components["schemas"]["Message"] & {
            seq: components["schemas"]["Seq"];
            /**
             * Format: int64
             * @description Milliseconds since 1970 (UTC).
             */
            at: number;
        };
        Sent: {
            message: string;
            /** @description Where the log took it. */
            seq: components["schemas"]["Seq"];
        };
        /**
         * Format: int64
         * @description An event's number in its conversation: 1, 2, 3 ... without a hole. 0 is "before the first".
         */
        Seq: number;
        /** @description What the server says. */
        ServerFrame: {
            participant: components["schemas"]["ParticipantId"];
            name: string;
            /**
             * Format: int64
             * @description Silence longer than this means that the connection is dead, in milliseconds.
             */
            heartbeat_ms: number;
            /**
             * Format: int64
             * @description When the token expires, in seconds since 1970; send `hello` with a fresh one before.
             */
            expires_at?: number | null;
            /** @enum {string} */
            type: "welcome";
        } | {
            request: components["schemas"]["u64"];
            conversation: components["schemas"]["ConversationId"];
            seq?: components["schemas"]["Seq"] | null;
            /** @enum {string} */
            type: "accepted";
        } | (components["schemas"]["Problem"] & {
            request?: components["schemas"]["u64"] | null;
        } & {
            /** @enum {string} */
            type: "error";
        }) | {
            request?: components["schemas"]["u64"] | null;
            conversation: components["schemas"]["ConversationId"];
            position: components["schemas"]["Position"];
            /** @description Who has the conversation open. */
            here: components["schemas"]["ParticipantId"][];
            /** @enum {string} */
            type: "resumed";
        } | {
            request?: components["schemas"]["u64"] | null;
            conversation: components["schemas"]["ConversationId"];
            position: components["schemas"]["Position"];
            state: components["schemas"]["State"];
            /** @enum {string} */
            type: "snapshot";
        } | {
            request?: components["schemas"]["u64"] | null;
            conversation: components["schemas"]["ConversationId"];
            position: components["schemas"]["Position"];
            state: components["schemas"]["State"];
            /** @enum {string} */
            type: "reset";
        } | {
            conversation: components["schemas"]["ConversationId"];
            /** @description Where the client stands once it has taken this in. */
            position: components["schemas"]["Position"];
            event: components["schemas"]["Event"];
            /** @enum {string} */
            type: "event";
        } | {
            conversation: components["schemas"]["ConversationId"];
            position: components["schemas"]["Position"];
            message: components["schemas"]["MessageId"];
            /** Format: int32 */
            part: number;
            /**
             * Format: int64
             * @description Bytes of UTF-8 of the part before this piece.
             */
            offset: number;
            text: string;
            /** @enum {string} */
            type: "delta";
        } | (components["schemas"]["Signal"] & {
            conversation: components["schemas"]["ConversationId"];
            participant: components["schemas"]["ParticipantId"];
        } & {
            /** @enum {string} */
            type: "signal";
        }) | (components["schemas"]["Problem"] & {
            conversation: components["schemas"]["ConversationId"];
        } & {
            /** @enum {string} */
            type: "ended";
        }) | {
            /** Format: int64 */
            delay_ms: number;
            /** @enum {string} */
            type: "drain";
        } | {
            request: components["schemas"]["u64"];
            /** @enum {string} */
            type: "pong";
        };
        /** @description What is true for a moment and stands in no log. */
        Signal: {
            /** @enum {string} */
            signal: "typing";
        } | {
            here: boolean;
            /** @enum {string} */
            signal: "presence";
        } | {
            seq: components["schemas"]["Seq"];
            /** @enum {string} */
            signal: "read";
        };
        /** @description The state of a conversation: enough to show it without its whole log. */
        State: {
            conversation: components["schemas"]["Conversation"];
            /** @description The log's last events, oldest first, up to the position that comes with the state. */
            events: components["schemas"]["Event"][];
            streaming?: components["schemas"]["Streaming"] | null;
            /** @description Who has the conversation open. */
            here: components["schemas"]["ParticipantId"][];
        };
        /** @description A message whose text is still being written. */
        Streaming: {
            message: components["schemas"]["MessageId"];
            /** Format: int32 */
            part: number;
            text: string;
        };
        /**
         * @description How an action stands out.
         * @enum {string}
         */
        Style: "default" | "primary" | "danger";
        /** @description Something to say to an agent where nothing was said yet. */
        Suggestion: {
            /** @description What is said. */
            text: string;
            /** @description What comes of it, in a few words; absent: the text tells it. */
            title?: string | null;
            /** @description Its language, as a BCP 47 tag; absent: it is for everybody. */
            language?: string | null;
        };
        TimerName: string;
        Timezone: string;
        Told: {
            event: string;
            /** @description Where the log took it. */
            seq: components["schemas"]["Seq"];
        };
        /**
         * @description How a message that arrives while a run is under way is treated.
         * @enum {string}
         */
        TurnPolicy: "enqueue" | "merge" | "interrupt" | "reject";
        /** @description What a model counted. */
        Usage: {
            /** Format: int64 */
            input_tokens: number;
            /** Format: int64 */
            output_tokens: number;
        };
        /** @description One of them, whole. */
        WholeDeadLetter: components["schemas"]["DeadLetter"] & {
            /** Format: int64 */
            seq: number;
            policy: string;
            event?: components["schemas"]["EventBody"] | null;
        };
        /** Format: int64 */
        u64: number;
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
