//! Files of stories.

use std::collections::{BTreeMap, BTreeSet};

use convene_source::{
    At, Place, Sources,
    yaml::{self, Kind, read},
};
use jiff::{ZonedDateTime, civil::DateTime, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::said::said;
use crate::{
    engine::Person,
    fault::{Code, Fault, Faults},
    folder::{Layout, Method, Span},
    misread::explain,
    name::{Locale, SlotName, Who, Zone},
};

/// When stories begin that do not say when.
const NOW: DateTime = DateTime::constant(2026, 11, 26, 10, 0, 0, 0);

/// What must be on a card: the texts as they are shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CardShown {
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What stands under the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// The address of its picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The text in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Lines of it: labels with what stands beside them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// Buttons of it that open pages: labels with addresses.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<String, String>,
}

/// A file in `tests/`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoryFile {
    /// The stories.
    pub stories: Vec<Story>,
}

/// A conversation as it should go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// What it shows.
    pub story: String,
    /// When it begins, such as `2026-11-26T10:00`. Without it: then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub now: Option<DateTime>,
    /// The zone of the assistant, such as `Europe/Berlin`: of `now`, and of whoever tells none. Without it: UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Zone>,
    /// Whether the project's own understanding hears what the user says. Then an `intent` and entities that stand beside
    /// it are what it must hear. Without it: where `convene test` is told to with `--understand`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub understand: Option<bool>,
    /// Who is in the conversation beside those who speak in it, such as `user:ada`. Where there are several, the
    /// assistant hears what `groups` says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Who>,
    /// Who of them is staff.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staff: Vec<Who>,
    /// What is said and done, in its order.
    pub steps: Vec<StoryStep>,
    #[serde(skip)]
    pub(crate) file: String,
    #[serde(skip)]
    pub(crate) place: Place,
    #[serde(skip)]
    pub(crate) places: Vec<Place>,
}

/// A step of a story: one of its keys says what happens, or what must have happened. What the bot says must be told
/// whole: a text that no `bot` step names is a failure.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StoryStep {
    /// A person says this. Entities may be annotated as in training data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Beside `user`: the intent that is understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// Beside `user`: the intents between which it is torn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub torn: Option<Vec<String>>,
    /// Beside `user`: the language that is heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Locale>,
    /// Beside `user`, `press` and `submit`: who it is, such as `user:ada`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Beside `user`, `press` and `submit`: where they are from now on, such as `America/New_York`. Without it: where they
    /// were, or where the assistant is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Zone>,
    /// The bot has said this: the key of a text, or the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bot: Option<String>,
    /// The labels of the buttons under what the bot has said last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buttons: Option<Vec<String>>,
    /// Beside `buttons`: how they are shown.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// The card under what the bot has said last: what stands here of it must stand there; `{}` is any card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardShown>,
    /// The slots in the form under what the bot has said last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Vec<SlotName>>,
    /// A person presses the last button of this label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub press: Option<String>,
    /// A person fills these slots in, and sends the last form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submit: Option<BTreeMap<SlotName, Json>>,
    /// So much time goes by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Span>,
    /// Something happens outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventStep>,
    /// The flow calls an HTTP endpoint: how it must look, and what it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallStub>,
    /// The model writes this. Without such a step there is no model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Slots have these values; `null` is an empty one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot_was_set: Option<BTreeMap<String, Json>>,
    /// The flow on top; `none` if none runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// Flows have ended in the last turn, with these outcomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<BTreeMap<String, String>>,
    /// A person of this team was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handoff: Option<String>,
    /// Beside `handoff`: what that person is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Something that happens outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventStep {
    /// The event.
    pub name: String,
    /// What is known of it.
    #[serde(default)]
    pub data: BTreeMap<SlotName, Json>,
}

/// A call that must be made. What is left out is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CallStub {
    /// The method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Json>,
    /// What it answers. Without it: nothing, as when there is no connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returns: Option<Returns>,
}

/// What a call answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// The status. Without it: 200.
    #[serde(default = "ok")]
    pub status: u16,
    /// The body.
    #[serde(default)]
    pub body: Json,
}

fn ok() -> u16 {
    200
}

impl StoryStep {
    /// How many things it says.
    fn count(&self) -> usize {
        [
            self.user.is_some(),
            self.bot.is_some(),
            self.buttons.is_some(),
            self.card.is_some(),
            self.form.is_some(),
            self.press.is_some(),
            self.submit.is_some(),
            self.after.is_some(),
            self.event.is_some(),
            self.call.is_some(),
            self.model.is_some(),
            self.slot_was_set.is_some(),
            self.flow.is_some(),
            self.ended.is_some(),
            self.handoff.is_some(),
        ]
        .into_iter()
        .filter(|is_said| *is_said)
        .count()
    }
}

impl Story {
    /// The time when it begins, where the assistant is.
    pub(crate) fn begins(&self) -> ZonedDateTime {
        let zone = self.timezone.as_ref().and_then(Zone::find);
        let zone = zone.unwrap_or(TimeZone::UTC);
        let now = self.now.unwrap_or(NOW);
        let now = zone.to_ambiguous_zoned_datetime(now).compatible();
        now.unwrap_or_default()
    }

    /// Everybody who is in the conversation, called by what stands behind `user:`.
    pub(super) fn everybody(&self) -> Vec<Person> {
        let speaking = self.steps.iter().filter_map(|step| step.who.as_deref());
        let speaking = speaking.map(Who::from);
        let listed = self.people.iter().chain(&self.staff).cloned();
        let all: BTreeSet<Who> = speaking.chain(listed).collect();
        let person = |who: Who| Person {
            name: who
                .as_str()
                .rsplit(':')
                .next()
                .unwrap_or_default()
                .to_owned(),
            is_staff: self.staff.contains(&who),
            who,
        };
        all.into_iter().map(person).collect()
    }

    /// The stories of a project, and what is wrong with their files.
    #[must_use]
    pub fn all(sources: &Sources) -> (Vec<Self>, Vec<Fault>) {
        let mut faults = Faults::default();
        let mut stories = Vec::new();
        for (path, text) in sources.inside("tests") {
            let mut node = match yaml::parse(text) {
                Ok(node) => node,
                Err(error) => {
                    let place = error.place.unwrap_or_default();
                    let remedy = yaml::remedy(text, &error);
                    faults.add(path, place, Code::NotYaml, error.message, remedy);
                    continue;
                }
            };
            match node
                .take("stories")
                .map(|stories| (stories.place, stories.kind))
            {
                Some((_, Kind::List(nodes))) => {
                    stories.extend(
                        nodes
                            .into_iter()
                            .filter_map(|node| Self::read(path, node, &mut faults)),
                    );
                }
                other => {
                    let place = other.map_or(node.place, |(place, _)| place);
                    let remedy = "write `stories:` with a list of stories";
                    faults.add(
                        path,
                        place,
                        Code::WrongForm,
                        "there are no stories here",
                        remedy,
                    );
                }
            }
        }
        (stories, faults.into_sorted())
    }

    fn read(path: &str, mut node: yaml::Node, faults: &mut Faults) -> Option<Self> {
        const REMEDY: &str = "see the reference of the project folder for what can stand here";
        let steps = match node.take("steps").map(|steps| steps.kind) {
            Some(Kind::List(steps)) => steps,
            _ => {
                faults.add(
                    path,
                    node.place,
                    Code::WrongForm,
                    "this story has no `steps`",
                    REMEDY,
                );
                return None;
            }
        };
        let head: Result<Head, _> = read(&node);
        let head = match head {
            Ok(head) => head,
            Err(error) => {
                let (message, remedy) = explain(&error.message);
                let place = error.place.unwrap_or_default();
                faults.add(path, place, Code::WrongForm, message, remedy);
                return None;
            }
        };
        if let Some(zone) = &head.timezone {
            check_zone(path, zone.place, &zone.value, faults);
        }
        let mut story = Self {
            story: head.story.value,
            now: head.now,
            timezone: head.timezone.map(|zone| zone.value),
            understand: head.understand,
            people: head.people,
            staff: head.staff,
            steps: Vec::new(),
            file: path.to_owned(),
            place: head.story.place,
            places: Vec::new(),
        };
        for node in steps {
            match read::<StoryStep>(&node) {
                Ok(step) if step.count() == 1 => {
                    if let Some(Err(error)) = step.user.as_deref().map(said) {
                        faults.add(
                            path,
                            node.place,
                            Code::WrongForm,
                            error.problem,
                            error.remedy,
                        );
                    }
                    if let Some(zone) = &step.timezone {
                        check_zone(path, node.place, zone, faults);
                    }
                    story.steps.push(step);
                    story.places.push(node.place);
                }
                Ok(step) => {
                    let message =
                        format!("this step says {} things, and must say one", step.count());
                    faults.add(path, node.place, Code::WrongForm, message, REMEDY);
                }
                Err(error) => {
                    let (message, remedy) = explain(&error.message);
                    let place = error.place.unwrap_or(node.place);
                    faults.add(path, place, Code::WrongForm, message, remedy);
                }
            }
        }
        Some(story)
    }
}

fn check_zone(path: &str, place: Place, zone: &Zone, faults: &mut Faults) {
    if zone.find().is_none() {
        let message = format!("there is no time zone `{zone}`");
        let remedy = "name one of the IANA database, such as `Europe/Berlin`";
        faults.add(path, place, Code::WrongForm, message, remedy);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    story: At<String>,
    #[serde(default)]
    now: Option<DateTime>,
    #[serde(default)]
    timezone: Option<At<Zone>>,
    #[serde(default)]
    understand: Option<bool>,
    #[serde(default)]
    people: Vec<Who>,
    #[serde(default)]
    staff: Vec<Who>,
}
