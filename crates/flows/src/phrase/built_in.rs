//! The texts of the engine itself, in the languages that it comes with. A project says them otherwise
//! by having texts of the same keys.

/// The file of the built-in texts of a language, if there is one: `de-CH` is served by `de`.
pub(crate) fn built_in(locale: &str) -> Option<&'static str> {
    match locale.split('-').next() {
        Some("en") => Some(include_str!("../texts/en.yaml")),
        Some("de") => Some(include_str!("../texts/de.yaml")),
        Some("es") => Some(include_str!("../texts/es.yaml")),
        Some("fr") => Some(include_str!("../texts/fr.yaml")),
        _ => None,
    }
}
