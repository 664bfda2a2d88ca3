//! Settings as a person may see them: each with its source, none with a secret.

use std::fmt::Write as _;

use toml::{Table, Value};

use super::Loaded;

/// Values under these keys are never shown.
const SECRET: [&str; 3] = ["secret", "api_key", "password"];

const HIDDEN: &str = "(hidden)";

/// The settings as TOML, with where each comes from, unless it is a default.
pub fn print(loaded: &Loaded) -> Result<String, toml::ser::Error> {
    let settings = Table::try_from(&loaded.config)?;
    let mut out = String::new();
    for (name, section) in settings {
        if let Value::Table(section) = section {
            print_section(loaded, &name, section, &mut out);
        }
    }
    Ok(out)
}

fn print_section(loaded: &Loaded, name: &str, section: Table, out: &mut String) {
    let (tables, plain): (Vec<_>, Vec<_>) =
        section.into_iter().partition(|(_, value)| value.is_table());
    if !plain.is_empty() {
        line(out, format_args!("[{name}]"));
    }
    for (key, value) in plain {
        let source = loaded.source(&format!("{name}.{key}"));
        let from = source
            .map(|source| format!("  # from {source}"))
            .unwrap_or_default();
        line(out, format_args!("{key} = {}{from}", redact(&key, value)));
    }
    if !out.ends_with("\n\n") && !out.is_empty() {
        out.push('\n');
    }
    for (key, value) in tables {
        if let Value::Table(table) = value {
            let hidden = key == "headers";
            let table = table.into_iter().map(|(key, value)| {
                let value = if hidden { Value::from(HIDDEN) } else { value };
                (key, value)
            });
            print_section(loaded, &format!("{name}.{key}"), table.collect(), out);
        }
    }
}

fn redact(key: &str, value: Value) -> Value {
    match value {
        Value::String(text) if text.is_empty() => Value::String(text),
        Value::String(_) if SECRET.contains(&key) => Value::from(HIDDEN),
        Value::String(text) => Value::String(without_password(&text)),
        Value::Array(items) => items
            .into_iter()
            .map(|item| redact(key, item))
            .collect::<Vec<_>>()
            .into(),
        other => other,
    }
}

/// A URL without the password in it; other text as it is.
pub(crate) fn without_password(text: &str) -> String {
    let hidden = || {
        let (scheme, rest) = text.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let (login, _) = authority.rsplit_once('@')?;
        let (user, _) = login.split_once(':')?;
        let after = &rest[login.len()..];
        Some(format!("{scheme}://{user}:{HIDDEN}{after}"))
    };
    hidden().unwrap_or_else(|| text.to_owned())
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    if writeln!(out, "{text}").is_err() {
        // A String takes everything.
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_inside_a_url_is_hidden_and_the_rest_is_not() {
        for (url, shown) in [
            ("amqp://me:p@ss:w@host:5672", "amqp://me:(hidden)@host:5672"),
            (
                "amqp://me:hunter2@host:5672/%2f",
                "amqp://me:(hidden)@host:5672/%2f",
            ),
            ("redis://:hunter2@host", "redis://:(hidden)@host"),
            ("redis://host:6379", "redis://host:6379"),
            ("http://host/a@b:c", "http://host/a@b:c"),
            ("info", "info"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
