//! Sentences with entities marked in them, as Rasa writes them: `to [Paris](city)`, or with more
//! said: `to [NYC]{"entity": "city", "role": "destination", "value": "New York City"}`.

use serde::Deserialize;

use crate::{Annotation, EntityKind};

/// Why a mark cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {remedy}")]
pub struct Unreadable {
    /// In bytes from the sentence's start.
    pub at: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: &'static str,
}

/// What stands in braces behind a marked piece.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Braces {
    entity: String,
    role: Option<String>,
    group: Option<String>,
    value: Option<serde_json::Value>,
}

/// The sentence without its marks, and what they said. A bracket that no `(` or `{` follows is a
/// letter like any other.
pub(crate) fn read(marked: &str) -> Result<(String, Vec<Annotation>), Unreadable> {
    let mut text = String::with_capacity(marked.len());
    let mut annotations = Vec::new();
    let mut rest = marked;
    while let Some(open) = rest.find('[') {
        let at = marked.len() - rest.len() + open;
        let after = &rest[open + 1..];
        let Some(close) = after.find(']') else {
            unclosed(at, after)?;
            break;
        };
        let (piece, behind) = (&after[..close], &after[close + 1..]);
        // `[see [Paris](city)`: the mark begins at the last bracket.
        if let Some(inner) = piece.rfind('[') {
            unclosed(at, &piece[..inner])?;
            let skipped = open + 1 + inner;
            text.push_str(&rest[..skipped]);
            rest = &rest[skipped..];
            continue;
        }
        let length = match behind.as_bytes().first() {
            Some(b'(') => behind.find(')'),
            Some(b'{') => json_length(behind, b'{', b'}'),
            Some(b'[') if behind[1..].trim_start().starts_with('{') => {
                json_length(behind, b'[', b']')
            }
            _ => {
                text.push_str(&rest[..open + 1 + close + 1]);
                rest = behind;
                continue;
            }
        };
        let Some(length) = length else {
            return Err(Unreadable {
                at,
                problem: format!("the mark of `{piece}` has no end"),
                remedy: "close it with `)` or `}`",
            });
        };
        if piece.trim().is_empty() {
            return Err(Unreadable {
                at,
                problem: "a mark has no words".to_owned(),
                remedy: "put the entity's words between the brackets",
            });
        }
        text.push_str(&rest[..open]);
        let start = text.len();
        text.push_str(piece);
        let said = &behind[..=length];
        let kinds = kinds(said).map_err(|problem| Unreadable {
            at: at + close + 2,
            problem: format!("`{said}` says no entity: {problem}"),
            remedy: r#"write [words](entity) or [words]{"entity": "name", "role": "...", "group": "...", "value": "..."}"#,
        })?;
        for kind in kinds {
            let value = kind.value.map(|value| match value {
                serde_json::Value::String(value) => value,
                other => other.to_string(),
            });
            annotations.push(Annotation {
                start,
                end: text.len(),
                entity: EntityKind::new(&kind.entity),
                role: kind.role,
                group: kind.group,
                value,
            });
        }
        rest = &behind[length + 1..];
    }
    text.push_str(rest);
    Ok((text, annotations))
}

/// A bracket that nothing closes is a letter, unless what an entity's name looks like follows its words.
fn unclosed(at: usize, after: &str) -> Result<(), Unreadable> {
    let Some(end) = after.find(['(', '{', '\n']) else {
        return Ok(());
    };
    let (words, behind) = after.split_at(end);
    let name = behind
        .strip_prefix('(')
        .and_then(|name| name.split_once(')'));
    let is_name = name.is_some_and(|(name, _)| {
        let is_part = |one: char| one.is_alphanumeric() || "_-:.".contains(one);
        !name.is_empty() && name.chars().all(is_part)
    });
    let is_mark = is_name || behind.starts_with("{\"");
    if words.is_empty() || words.ends_with(char::is_whitespace) || !is_mark {
        return Ok(());
    }
    Err(Unreadable {
        at,
        problem: format!("the mark of `{words}` has no `]`"),
        remedy: "close its words: `[words](entity)`",
    })
}

/// Where the outermost bracket closes, past strings.
fn json_length(text: &str, open: u8, close: u8) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            _ if byte == open => depth += 1,
            _ if byte == close => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn kinds(said: &str) -> Result<Vec<Braces>, String> {
    let kinds = if let Some(short) = said.strip_prefix('(') {
        let (entity, value) = match short.trim_end_matches(')').split_once(':') {
            Some((entity, value)) => (entity, Some(value.trim())),
            None => (short.trim_end_matches(')'), None),
        };
        vec![Braces {
            entity: entity.to_owned(),
            role: None,
            group: None,
            value: value.map(Into::into),
        }]
    } else if said.starts_with('[') {
        serde_json::from_str(said).map_err(readable)?
    } else {
        vec![serde_json::from_str(said).map_err(readable)?]
    };
    kinds
        .into_iter()
        .map(|kind| match kind.entity.trim() {
            "" => Err("its name is empty".to_owned()),
            entity => Ok(Braces {
                entity: entity.to_owned(),
                ..kind
            }),
        })
        .collect()
}

/// Without the line and column of the inner text, which mislead.
fn readable(error: serde_json::Error) -> String {
    let whole = error.to_string();
    let end = whole.find(" at line ").unwrap_or(whole.len());
    whole[..end].to_owned()
}

/// A sentence with its annotations marked, so that [`read`] gives it back.
///
/// Annotations that overlap others are left out; marks cannot say them.
pub(crate) fn write(text: &str, annotations: &[Annotation]) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut from = 0;
    for annotation in annotations {
        let Some(before) = text.get(from..annotation.start) else {
            continue;
        };
        let piece = &text[annotation.start..annotation.end];
        let braces = serde_json::json!({
            "entity": annotation.entity,
            "role": annotation.role,
            "group": annotation.group,
            "value": annotation.value,
        });
        marked.push_str(&format!("{before}[{piece}]{braces}"));
        from = annotation.end;
    }
    marked.push_str(&text[from..]);
    marked
}
