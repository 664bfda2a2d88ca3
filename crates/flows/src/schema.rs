//! JSON Schemas of the files of a project, for editors.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value as Json;

use crate::{
    folder::{Assistant, FlowFile, Texts},
    story::StoryFile,
};

/// A schema and the files that it is for.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSchema {
    /// The name of the schema's own file.
    pub name: &'static str,
    /// The files of a project that it is for.
    pub files: &'static str,
    /// The schema, of the draft 2020-12.
    pub schema: Json,
}

/// The schemas of all files of a project, but for the training data, whose format is Rasa's.
#[must_use]
pub fn schemas() -> Vec<FileSchema> {
    vec![
        of::<Assistant>("assistant.schema.json", "assistant.yaml"),
        of::<FlowFile>("flows.schema.json", "flows/*.yaml"),
        of::<Texts>("texts.schema.json", "texts/*.yaml"),
        of::<StoryFile>("tests.schema.json", "tests/*.yaml"),
    ]
}

fn of<T: JsonSchema>(name: &'static str, files: &'static str) -> FileSchema {
    let generator = SchemaSettings::draft2020_12().into_generator();
    FileSchema {
        name,
        files,
        schema: generator.into_root_schema_for::<T>().to_value(),
    }
}
