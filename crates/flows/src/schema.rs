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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use boon::{Compiler, Schemas};
    use convene_source::{
        Sources,
        yaml::{parse, read},
    };
    use serde_json::Value as Json;

    /// Whether a file is what the schema says.
    fn fits(schema: &Json, text: &str) -> Result<(), String> {
        let json: Json = read(&parse(text).unwrap()).unwrap();
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler
            .add_resource("schema.json", schema.clone())
            .unwrap();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        schemas
            .validate(&json, index)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_example_is_what_the_schemas_say() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
        let sources = Sources::read(&folder).unwrap();
        let mut count = 0;
        for file in super::schemas() {
            let folder = file.files.trim_end_matches("*.yaml");
            for (path, text) in sources.iter().filter(|(path, _)| path.starts_with(folder)) {
                assert_eq!(fits(&file.schema, text), Ok(()), "{path}");
                count += 1;
            }
        }
        assert!(count >= 7);
    }

    #[test]
    fn what_the_reader_refuses_the_schemas_refuse() {
        let [assistant, flows, texts, stories] = super::schemas().try_into().unwrap();
        for (file, text) in [
            (&assistant, "languages: [en]"),
            (&assistant, "{name: x, languages: [en], groups: sometimes}"),
            (&flows, "flows: {a: {steps: [{say: x, end: flow}]}}"),
            (&flows, "flows: {a: {steps: [{sya: x}]}}"),
            (
                &flows,
                "flows: {a: {steps: [{branch: [{if: x, then: 3}]}]}}",
            ),
            (&flows, "flows: {a: {}}"),
            (&texts, "hello: []"),
            (&stories, "stories: [{steps: []}]"),
        ] {
            assert!(fits(&file.schema, text).is_err(), "{text}");
        }
        assert_eq!(
            fits(&flows.schema, "flows: {a: {steps: [{say: x, next: end}]}}"),
            Ok(())
        );
    }
}
