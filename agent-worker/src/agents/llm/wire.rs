//! The OpenAI wire: `POST /v1/chat/completions`, as providers really speak it.
//!
//! Reading is lenient: every field may be absent or null, and what is not known is ignored.

use convene_agent::{ChatRequest, ChatRole, FinishReason};
use convene_proto::event::Usage;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    pub(super) model: &'a str,
    pub(super) messages: &'a [WireMessage],
    pub(super) stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stream_options: Option<StreamOptions>,
    #[serde(flatten)]
    pub(super) parameters: &'a Map<String, Value>,
}

#[derive(Debug, Serialize)]
pub(super) struct StreamOptions {
    pub(super) include_usage: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct WireMessage {
    role: &'static str,
    content: String,
}

/// The request's turns as messages. Neighbours of one role become one message, since the
/// templates of many models insist that user and assistant take turns; names go into the text,
/// since few providers pass them on.
pub(super) fn messages(request: &ChatRequest) -> Vec<WireMessage> {
    let mut messages: Vec<WireMessage> = Vec::with_capacity(request.turns.len() + 1);
    if let Some(system) = &request.system {
        messages.push(WireMessage {
            role: "system",
            content: system.clone(),
        });
    }
    for turn in &request.turns {
        let role = match turn.role {
            ChatRole::User => "user",
            ChatRole::Assistant => "assistant",
        };
        let text = match &turn.name {
            Some(name) => format!("{name}: {}", turn.text),
            None => turn.text.clone(),
        };
        match messages.last_mut() {
            Some(last) if last.role == role => {
                last.content.push_str("\n\n");
                last.content.push_str(&text);
            }
            _ => messages.push(WireMessage {
                role,
                content: text,
            }),
        }
    }
    messages
}

/// One event of a streamed answer, or the whole of one that was not streamed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<WireUsage>,
    pub(super) error: Option<WireError>,
}

#[derive(Debug, Default, Deserialize)]
struct Choice {
    index: Option<u64>,
    delta: Option<Delta>,
    /// In place of `delta` where the provider does not stream.
    message: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Delta {
    content: Option<Content>,
    refusal: Option<String>,
    reasoning: Option<Value>,
    reasoning_content: Option<Value>,
    tool_calls: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<ContentPart>),
}

#[derive(Debug, Deserialize)]
struct ContentPart {
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
struct WireUsage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
}

/// An error inside an answer or as the body of a refusal.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum WireError {
    Full {
        message: Option<String>,
        code: Option<Value>,
        #[serde(rename = "type")]
        kind: Option<Value>,
    },
    Text(String),
}

/// How a provider says that an answer has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Well(FinishReason),
    /// The provider gave up.
    Badly,
}

impl Chunk {
    fn choice(&self) -> Option<&Choice> {
        let choices = self.choices.as_deref().unwrap_or_default();
        choices.iter().find(|choice| choice.index.unwrap_or(0) == 0)
    }

    fn delta(&self) -> Option<&Delta> {
        let choice = self.choice()?;
        choice.delta.as_ref().or(choice.message.as_ref())
    }

    /// The text it adds; empty: none.
    pub(super) fn text(&self) -> String {
        let Some(delta) = self.delta() else {
            return String::new();
        };
        let mut text = match &delta.content {
            None => String::new(),
            Some(Content::Text(text)) => text.clone(),
            Some(Content::Parts(parts)) => parts
                .iter()
                .filter_map(|part| part.text.as_deref())
                .collect(),
        };
        text.push_str(delta.refusal.as_deref().unwrap_or_default());
        text
    }

    /// Whether the model works, though it says nothing yet.
    pub(super) fn is_progress(&self) -> bool {
        self.delta().is_some_and(|delta| {
            let values = [
                &delta.reasoning,
                &delta.reasoning_content,
                &delta.tool_calls,
            ];
            values.into_iter().any(Option::is_some)
        })
    }

    pub(super) fn ended(&self) -> Option<Ended> {
        Some(match self.choice()?.finish_reason.as_deref()? {
            "" => return None,
            "length" | "max_tokens" => Ended::Well(FinishReason::Length),
            "content_filter" => Ended::Well(FinishReason::Filtered),
            "error" | "abort" => Ended::Badly,
            _ => Ended::Well(FinishReason::Stop),
        })
    }

    pub(super) fn usage(&self) -> Option<Usage> {
        let usage = self.usage.as_ref()?;
        Some(Usage {
            input_tokens: usage.prompt_tokens?,
            output_tokens: usage.completion_tokens?,
        })
    }
}

impl WireError {
    pub(super) fn message(&self) -> Option<&str> {
        match self {
            Self::Full { message, .. } => message.as_deref(),
            Self::Text(text) => Some(text),
        }
    }

    /// The HTTP status that the error would have had, if it says.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Full {
                code: Some(Value::Number(code)),
                ..
            } => u16::try_from(code.as_u64()?).ok(),
            Self::Full {
                code: Some(Value::String(code)),
                ..
            } => code.parse().ok(),
            _ => None,
        }
    }

    /// Whether its `code` or `type` is this word.
    pub(super) fn is(&self, word: &str) -> bool {
        match self {
            Self::Full { code, kind, .. } => {
                [code, kind].into_iter().flatten().any(|it| it == word)
            }
            Self::Text(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use convene_agent::ChatTurn;

    use super::*;

    #[test]
    fn neighbours_of_one_role_are_one_message_and_names_stand_before_each() {
        let turn = |role, name: Option<&str>, text: &str| ChatTurn {
            role,
            text: text.into(),
            name: name.map(Into::into),
        };
        let request = ChatRequest {
            system: Some("Be kind.".into()),
            turns: vec![
                turn(ChatRole::User, Some("Ada"), "Hi"),
                turn(ChatRole::User, Some("Bob"), "Yo"),
                turn(ChatRole::Assistant, None, "Hello"),
            ],
        };
        let json = serde_json::to_value(messages(&request)).unwrap();
        assert_eq!(
            json,
            serde_json::json!([
                {"role": "system", "content": "Be kind."},
                {"role": "user", "content": "Ada: Hi\n\nBob: Yo"},
                {"role": "assistant", "content": "Hello"}
            ])
        );
    }

    #[test]
    fn other_choices_are_not_mixed_in() {
        let chunk: Chunk = serde_json::from_str(
            r#"{"choices":[{"index":1,"delta":{"content":"b"}},{"index":0,"delta":{"content":"a"}}]}"#,
        )
        .unwrap();
        assert_eq!(chunk.text(), "a");
    }

    #[test]
    fn content_may_come_in_parts() {
        let chunk: Chunk = serde_json::from_str(
            r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[]},{"type":"text","text":"a"}]}}]}"#,
        )
        .unwrap();
        assert_eq!(chunk.text(), "a");
    }
}
