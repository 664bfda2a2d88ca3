//! What people say that has nothing to do with a project, for projects that are too small to know:
//! sentences of our own, on all kinds of things. They are learnt as one class that never wins, but
//! lowers the score of what is like them.

use convene_training_data::Language;

use super::tfidf::{Vector, Vocabulary};
use crate::text;

/// A project with more sentences than this knows enough of what it is not about.
const LARGE: usize = 4000;
/// A background sentence that has this much in common (the cosine) with one of the project's is not background.
const ALIKE: f32 = 0.25;

const SENTENCES: [(&str, &str); 2] = [
    ("en", include_str!("en.txt")),
    ("de", include_str!("de.txt")),
];

/// The background for a project with these sentences in this language.
pub(super) fn beside(
    language: &Language,
    sentences: &[Vector],
    vocabulary: &Vocabulary,
) -> Vec<Vector> {
    let known = SENTENCES
        .iter()
        .find(|(code, _)| *code == language.as_str());
    let Some((_, lines)) = known.filter(|_| sentences.len() <= LARGE) else {
        return Vec::new();
    };
    let mut dense = vec![0.0_f32; vocabulary.len()];
    let strange = lines.lines().filter_map(|line| {
        let vector = vocabulary.vector(&text::words(line));
        scatter(&vector, &mut dense, |weight| weight);
        let is_alike = sentences
            .iter()
            .any(|sentence| dot(sentence, &dense) > ALIKE);
        scatter(&vector, &mut dense, |_| 0.0);
        (!is_alike).then_some(vector)
    });
    strange.collect()
}

fn scatter(vector: &Vector, into: &mut [f32], value: impl Fn(f32) -> f32) {
    for (place, weight) in vector.places.iter().zip(&vector.weights) {
        into[*place as usize] = value(*weight);
    }
}

fn dot(sparse: &Vector, dense: &[f32]) -> f32 {
    let both = sparse.places.iter().zip(&sparse.weights);
    both.map(|(place, weight)| dense[*place as usize] * weight)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside_these(language: &str, sentences: &[&str]) -> usize {
        let words: Vec<_> = sentences.iter().map(|text| text::words(text)).collect();
        let vocabulary = Vocabulary::learn(words.iter().map(String::as_str));
        let vectors: Vec<_> = words.iter().map(|words| vocabulary.vector(words)).collect();
        beside(&Language::new(language).unwrap(), &vectors, &vocabulary).len()
    }

    #[test]
    fn what_a_project_is_about_is_no_background_to_it() {
        let shop = ["where is my order", "where is my parcel"];
        let all = beside_these("en", &shop);
        assert!(all > 100, "{all}");
        let weather = [
            "will it rain in lisbon",
            "is it going to rain in lisbon at the weekend",
        ];
        assert!(beside_these("en", &weather) < all);
        assert_eq!(beside_these("fi", &shop), 0);
    }
}
