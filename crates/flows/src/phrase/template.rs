//! Templates and expressions, by minijinja with single braces.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use minijinja::{
    Environment, Error, ErrorKind, State, UndefinedBehavior, Value as Jinja,
    syntax::SyntaxConfig,
    value::{Enumerator, Kwargs, Object, ObjectRepr, Serde, ValueKind},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use super::{
    Tongue,
    markdown::{escaped, without_lists},
};
use crate::item::Item;

/// What a template may burn: some thousand steps, so that none runs for long.
const FUEL: u64 = 20_000;
/// What a value in an address is escaped of: all but RFC 3986's unreserved characters, of which a dot is
/// escaped nonetheless, since two of them lead up.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');
/// The name under which the language is told to filters.
const LANGUAGE: &str = "language";

/// What names stand for.
pub(crate) type Names = BTreeMap<String, Jinja>;

/// A value in a text: it is said as the language has it, and its plain self is `.value`.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) plain: Json,
    pub(crate) spoken: String,
}

impl Object for Said {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        match key.as_str()? {
            "value" => Some(jinja(&self.plain)),
            other => self.plain.get(other).map(jinja),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spoken)
    }
}

/// A list in a text: it is said as the language lists things, and each of its items by its label.
#[derive(Debug)]
pub(crate) struct SaidList {
    pub(crate) items: Vec<Item>,
    pub(crate) spoken: String,
}

impl Object for SaidList {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let item = self.items.get(key.as_usize()?)?;
        Some(Jinja::from_object(Said {
            plain: Json::String(item.value.clone()),
            spoken: item.label().to_owned(),
        }))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.items.len())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spoken)
    }
}

/// JSON as templates see it.
pub(crate) fn jinja(json: &Json) -> Jinja {
    Jinja::from(Serde(json))
}

/// What reads and fills templates.
#[derive(Debug)]
pub(crate) struct Templates {
    said: Environment<'static>,
    label: Environment<'static>,
    plain: Environment<'static>,
    url: Environment<'static>,
}

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadTemplate(String);

impl From<Error> for BadTemplate {
    fn from(error: Error) -> Self {
        let kind = error.kind().to_string();
        Self(match error.detail() {
            Some(detail) => format!("{kind}: {detail}"),
            None => kind,
        })
    }
}

impl Templates {
    pub(crate) fn new() -> Result<Self, BadTemplate> {
        let syntax = SyntaxConfig::builder()
            .variable_delimiters("{", "}")
            .block_delimiters("{%", "%}")
            .comment_delimiters("{#", "#}")
            .build()?;
        let environment = || {
            let mut environment = Environment::new();
            environment.set_syntax(syntax.clone());
            environment.set_fuel(Some(FUEL));
            environment.set_undefined_behavior(UndefinedBehavior::Chainable);
            environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
            environment
        };
        let spoken = || {
            let mut spoken = environment();
            spoken.add_filter("plural", plural);
            spoken.add_filter("number", |state: &State<'_, '_>, number: f64| {
                tongue(state).number(number)
            });
            spoken.add_filter("markdown", |value: Jinja| {
                Jinja::from_safe_string(value.to_string())
            });
            spoken
        };
        let mut said = spoken();
        said.set_formatter(|out, state, value| {
            let Some(text) = spoken_value(state, value) else {
                return Ok(());
            };
            let text = if value.is_safe() {
                text
            } else {
                escaped(&text)
            };
            out.write_str(&text).map_err(Error::from)
        });
        let mut label = spoken();
        label.set_formatter(|out, state, value| {
            let text = spoken_value(state, value).unwrap_or_default();
            out.write_str(&text).map_err(Error::from)
        });
        let mut plain = environment();
        plain.set_formatter(|out, _, value| match value.kind() {
            ValueKind::None | ValueKind::Undefined => Ok(()),
            _ => out.write_str(&value.to_string()).map_err(Error::from),
        });
        let mut url = environment();
        url.set_formatter(|out, _, value| {
            if value.is_none() || value.is_undefined() {
                return Ok(());
            }
            let text = value.to_string();
            let escaped = utf8_percent_encode(&text, RESERVED);
            write!(out, "{escaped}").map_err(Error::from)
        });
        Ok(Self {
            said,
            label,
            plain,
            url,
        })
    }

    /// The names that a text uses.
    pub(crate) fn names_in_text(&self, text: &str) -> Result<BTreeSet<String>, BadTemplate> {
        let template = self.said.template_from_str(text)?;
        Ok(template.undeclared_variables(false).into_iter().collect())
    }

    /// The names that an expression uses.
    pub(crate) fn names_in_expression(&self, text: &str) -> Result<BTreeSet<String>, BadTemplate> {
        let expression = self.plain.compile_expression(text)?;
        Ok(expression.undeclared_variables(false).into_iter().collect())
    }

    /// The names that a text uses, each with the members of it that it does: `price.amount`.
    pub(crate) fn members_in_text(&self, text: &str) -> Result<BTreeSet<String>, BadTemplate> {
        let template = self.said.template_from_str(text)?;
        Ok(template.undeclared_variables(true).into_iter().collect())
    }

    /// The same of an expression.
    pub(crate) fn members_in_expression(
        &self,
        text: &str,
    ) -> Result<BTreeSet<String>, BadTemplate> {
        let expression = self.plain.compile_expression(text)?;
        Ok(expression.undeclared_variables(true).into_iter().collect())
    }

    /// A text as it is said, which is Markdown; what placeholders stand for is text, unless `|markdown` says that it is
    /// Markdown, too. `names` has the language under `language`.
    pub(crate) fn say(&self, text: &str, names: &Names) -> Result<String, BadTemplate> {
        let said = self.said.render_str(text, Jinja::from(names.clone()))?;
        Ok(without_lists(text, said))
    }

    /// A text that is no Markdown, such as what stands on a button, otherwise as [`Self::say`].
    pub(crate) fn label(&self, text: &str, names: &Names) -> Result<String, BadTemplate> {
        Ok(self.label.render_str(text, Jinja::from(names.clone()))?)
    }

    /// A text for machines: numbers are as JSON has them.
    pub(crate) fn write(&self, text: &str, names: &Names) -> Result<String, BadTemplate> {
        Ok(self.plain.render_str(text, Jinja::from(names.clone()))?)
    }

    /// An address: what placeholders stand for is escaped, so that it stays one part of the path. None where such a
    /// part would lead elsewhere all the same, as `..` does, which means what it means escaped, too.
    pub(crate) fn address(&self, text: &str, names: &Names) -> Result<Option<String>, BadTemplate> {
        let address = self.url.render_str(text, Jinja::from(names.clone()))?;
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let climbs = |part: &str| {
            matches!(
                part.to_ascii_lowercase().replace("%2e", ".").as_str(),
                "." | ".."
            )
        };
        let is_elsewhere = path.split(['/', '\\']).any(climbs);
        Ok((!is_elsewhere).then_some(address))
    }

    /// The value of an expression.
    pub(crate) fn evaluate(&self, text: &str, names: &Names) -> Result<Json, BadTemplate> {
        let value = self
            .plain
            .compile_expression(text)?
            .eval(Jinja::from(names.clone()))?;
        serde_json::to_value(value).map_err(|error| BadTemplate(error.to_string()))
    }

    /// Whether a condition holds: as Python has it, nothing, zero and empty texts do not.
    pub(crate) fn holds(&self, text: &str, names: &Names) -> Result<bool, BadTemplate> {
        Ok(self
            .plain
            .compile_expression(text)?
            .eval(Jinja::from(names.clone()))?
            .is_true())
    }

    /// JSON whose texts are templates. A text that is nothing but one placeholder keeps its type.
    pub(crate) fn fill(&self, json: &Json, names: &Names) -> Result<Json, BadTemplate> {
        Ok(match json {
            Json::String(text) => match expression_alone(text) {
                Some(expression) => self.evaluate(expression, names)?,
                None => Json::String(self.write(text, names)?),
            },
            Json::Array(items) => items
                .iter()
                .map(|item| self.fill(item, names))
                .collect::<Result<_, _>>()?,
            Json::Object(map) => {
                let filled = map
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), self.fill(value, names)?)));
                Json::Object(filled.collect::<Result<_, BadTemplate>>()?)
            }
            other => other.clone(),
        })
    }

    /// The names that such JSON uses.
    pub(crate) fn names_in_json(&self, json: &Json) -> Result<BTreeSet<String>, BadTemplate> {
        match json {
            Json::String(text) => match expression_alone(text) {
                Some(expression) => self.names_in_expression(expression),
                None => self.names_in_text(text),
            },
            Json::Array(items) => self.names_in_all(items),
            Json::Object(map) => self.names_in_all(map.values()),
            _ => Ok(BTreeSet::new()),
        }
    }

    fn names_in_all<'a>(
        &self,
        items: impl IntoIterator<Item = &'a Json>,
    ) -> Result<BTreeSet<String>, BadTemplate> {
        let mut names = BTreeSet::new();
        for item in items {
            names.extend(self.names_in_json(item)?);
        }
        Ok(names)
    }
}

/// What stands in the braces, if a text is one placeholder and nothing else.
fn expression_alone(text: &str) -> Option<&str> {
    let inside = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let is_one = !inside.contains(['{', '}']) && !inside.starts_with(['%', '#']);
    is_one.then_some(inside)
}

/// A value as a language has it; none where there is nothing to say.
fn spoken_value(state: &State<'_, '_>, value: &Jinja) -> Option<String> {
    match (value.kind(), f64::try_from(value.clone())) {
        (ValueKind::None | ValueKind::Undefined, _) => None,
        (ValueKind::Number, Ok(number)) => Some(tongue(state).number(number)),
        _ => Some(value.to_string()),
    }
}

fn tongue(state: &State<'_, '_>) -> Tongue {
    let language = state.lookup(LANGUAGE);
    Tongue::new(language.as_ref().and_then(Jinja::as_str).unwrap_or("en"))
}

/// `{count|plural(one="order", other="orders")}`: the form of CLDR's category of the number.
fn plural(state: &State<'_, '_>, number: Jinja, forms: Kwargs) -> Result<Jinja, Error> {
    let plain = number
        .downcast_object_ref::<Said>()
        .and_then(|said| said.plain.as_f64())
        .or_else(|| f64::try_from(number.clone()).ok());
    let category = tongue(state).plural(plain.unwrap_or(0.0));
    let other: Option<String> = forms.get("other")?;
    let form: Option<String> = forms.get(category)?;
    for name in ["zero", "one", "two", "few", "many"] {
        let _: Option<String> = forms.get(name)?;
    }
    forms.assert_all_used()?;
    match form.or(other) {
        Some(form) => Ok(Jinja::from_safe_string(form)),
        None => Err(Error::new(
            ErrorKind::MissingArgument,
            "plural needs the form `other`: plural(one=\"order\", other=\"orders\")",
        )),
    }
}
