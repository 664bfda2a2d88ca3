//! Transcripts, drawn frame by frame.

use convene_client::proto::{
    event::{
        Conversation, Event, EventBody, Failure, Message, Part, Participant, Role, TurnPolicy,
    },
    frame::{ServerFrame, State},
    position::{Eid, Epoch, Position, Seq},
};

use super::{super::tongue::Language, *};

fn position() -> Position {
    Position {
        epoch: Epoch(1),
        seq: Seq(1),
        eid: Eid(1),
        text: None,
    }
}

fn snapshot() -> ServerFrame {
    let person = |id: &str, name: &str, role| Participant {
        id: id.parse().unwrap(),
        name: name.into(),
        role,
    };
    ServerFrame::Snapshot {
        request: None,
        conversation: "c".parse().unwrap(),
        position: position(),
        state: State {
            conversation: Conversation {
                id: "c".parse().unwrap(),
                title: None,
                agent: Some("guide".parse().unwrap()),
                policy: TurnPolicy::Enqueue,
                participants: vec![
                    person("user:ada", "Ada", Role::Owner),
                    person("user:bob", "Bob", Role::Member),
                    person("agent:guide", "Guide", Role::Agent),
                ],
                created_at: 0,
                updated_at: 0,
                head: Seq(0),
                first: Seq(1),
            },
            events: vec![],
            streaming: None,
            here: vec![],
        },
    }
}

fn event(seq: u64, body: EventBody) -> ServerFrame {
    ServerFrame::Event {
        conversation: "c".parse().unwrap(),
        position: position(),
        event: Event {
            seq: Seq(seq),
            eid: Eid(seq),
            at: 0,
            body,
        },
    }
}

fn message(id: &str, author: &str, text: &str) -> Message {
    Message {
        id: id.parse().unwrap(),
        author: author.parse().unwrap(),
        parts: vec![Part::Text { text: text.into() }],
        to: None,
        timezone: None,
    }
}

fn said(seq: u64, id: &str, author: &str, text: &str) -> ServerFrame {
    event(
        seq,
        EventBody::MessageCreated {
            message: message(id, author, text),
        },
    )
}

fn started(seq: u64, id: &str) -> ServerFrame {
    event(
        seq,
        EventBody::MessageStarted {
            message: id.parse().unwrap(),
            author: "agent:guide".parse().unwrap(),
            run: "r".parse().unwrap(),
        },
    )
}

fn delta(id: &str, offset: u64, text: &str) -> ServerFrame {
    ServerFrame::Delta {
        conversation: "c".parse().unwrap(),
        position: position(),
        message: id.parse().unwrap(),
        part: 0,
        offset,
        text: text.into(),
    }
}

fn completed(seq: u64, id: &str, text: &str) -> ServerFrame {
    event(
        seq,
        EventBody::MessageCompleted {
            message: message(id, "agent:guide", text),
            run: "r".parse().unwrap(),
            whole: true,
        },
    )
}

fn transcript(echo: bool, frames: &[ServerFrame]) -> String {
    let mut out = Vec::new();
    let tongue = Rc::new(Tongue::speak(Some(Language::En)).unwrap());
    let mut screen = Screen::new(&mut out, "user:ada".parse().unwrap(), echo, tongue);
    let mut view = ConversationView::default();
    screen.typed(&"typed".parse().unwrap());
    for frame in frames {
        view.apply(frame);
        screen.draw(&view).unwrap();
    }
    drop(screen);
    String::from_utf8(out).unwrap()
}

#[test]
fn an_answer_grows_on_its_line() {
    let frames = [
        snapshot(),
        said(1, "typed", "user:ada", "Hi"),
        started(2, "m"),
        delta("m", 0, "Hel"),
        delta("m", 3, "lo"),
        completed(3, "m", "Hello!"),
    ];
    assert_eq!(transcript(false, &frames), "Guide: Hello!\n");
    assert_eq!(transcript(true, &frames), "you: Hi\nGuide: Hello!\n");
    for shown in 0..frames.len() {
        let so_far = transcript(true, &frames[..shown]);
        assert!(
            "you: Hi\nGuide: Hello!\n".starts_with(&so_far),
            "{so_far:?}"
        );
    }
}

#[test]
fn somebody_who_speaks_meanwhile_gets_a_line_and_the_answer_goes_on_below() {
    let frames = [
        snapshot(),
        started(1, "m"),
        delta("m", 0, "One"),
        said(2, "b", "user:bob", "Wait"),
        delta("m", 3, "two"),
        completed(3, "m", "Onetwo"),
    ];
    assert_eq!(
        transcript(false, &frames),
        "Guide: One\nBob: Wait\nGuide: ... two\n"
    );
}

#[test]
fn a_failed_attempt_is_taken_back_and_told() {
    let run = || "r".parse().unwrap();
    let error = || Failure {
        code: "tired".into(),
        message: "tired".into(),
    };
    let begin = |seq, attempt| {
        event(
            seq,
            EventBody::RunStarted {
                run: run(),
                agent: "guide".parse().unwrap(),
                attempt,
                inputs: vec![Seq(1)],
            },
        )
    };
    let frames = [
        snapshot(),
        begin(2, 1),
        started(3, "m"),
        delta("m", 0, "One"),
        event(
            4,
            EventBody::MessageRetracted {
                message: "m".parse().unwrap(),
                run: run(),
            },
        ),
        event(
            5,
            EventBody::RunRetrying {
                run: run(),
                attempt: 1,
                error: error(),
                delay_ms: 1,
            },
        ),
        begin(6, 2),
        started(7, "n"),
        delta("n", 0, "Two"),
        completed(8, "n", "Two"),
        event(
            9,
            EventBody::RunFinished {
                run: run(),
                outcome: Outcome::Completed,
                usage: None,
                closes: Vec::new(),
            },
        ),
    ];
    assert_eq!(
        transcript(false, &frames),
        "Guide: One\n[that attempt failed; forget its words]\n[Guide will try again: tired]\nGuide: Two\n"
    );
}

#[test]
fn what_an_agent_has_escaped_is_shown_as_it_is_read() {
    let frames = [
        snapshot(),
        said(1, "b", "user:bob", r"a\*b"),
        started(2, "m"),
        completed(3, "m", r"Your code is A\*17\*B."),
    ];
    assert_eq!(
        transcript(false, &frames),
        "Bob: a\\*b\nGuide: Your code is A*17*B.\n"
    );
}

#[test]
fn nobody_commands_the_terminal() {
    let frames = [
        snapshot(),
        said(1, "b", "user:bob", "\u{1b}[2Jhi\u{7}\n\tthere"),
    ];
    assert_eq!(transcript(false, &frames), "Bob: [2Jhi\n\tthere\n");
}
