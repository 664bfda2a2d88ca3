//! Which of several values words choose: by what it is called, by its place in the list, or by a part of that.

use super::{
    Asking, ChoiceSpec, Label, SlotSpec,
    answer::{bare, plain_digits},
    folded,
};

/// All that a choice's values are called, with the values.
pub(crate) fn called<'s>(slot: &'s SlotSpec, asking: &'s Asking<'_>) -> Vec<(String, &'s String)> {
    let own = slot.choices.iter().flat_map(|choice| {
        let own = std::iter::once(&choice.value).chain(&choice.synonyms);
        own.map(move |word| (word.clone(), &choice.value))
    });
    let labels = asking.labels.iter();
    own.chain(labels.map(|(label, value)| (label.clone(), value)))
        .collect()
}

/// A value, its label, a synonym, or its number in the list; whole, or as the only one that the text names.
pub(super) fn choice(slot: &SlotSpec, text: &str, asking: &Asking<'_>) -> Option<String> {
    let said = bare(text);
    if let Ok(number) = plain_digits(&said).parse::<usize>()
        && !slot
            .choices
            .iter()
            .any(|choice| bare(&choice.value) == said)
    {
        let index = number.checked_sub(1)?;
        return slot.choices.get(index).map(|choice| choice.value.clone());
    }
    let by_place = || {
        let place = asking.small.place_in_list(text)?;
        Some(slot.choices.get(place)?.value.clone())
    };
    let names = called(slot, asking);
    let said = folded(text);
    // An article is no part of a name.
    let plain = asking.small.without_lead(&said);
    let is_all = |(name, _): &&(String, &String)| {
        let folded = folded(name);
        bare(name) == bare(text) || folded == said || asking.small.without_lead(&folded) == plain
    };
    if let Some((_, value)) = names.iter().find(is_all) {
        return Some((*value).clone());
    }
    let padded = format!(" {said} ");
    let is_named = |name: &str| !name.is_empty() && padded.contains(&format!(" {name} "));
    let mut named: Vec<&String> = names
        .iter()
        .filter(|(name, _)| is_named(&folded(name)))
        .filter(|(name, _)| !asking.small.take_back(text, &bare(name)))
        .map(|(_, value)| *value)
        .collect();
    named.sort();
    named.dedup();
    match named.as_slice() {
        [one] => Some((*one).clone()),
        [] => by_place().or_else(|| by_part(slot, &said, asking)),
        _ => None,
    }
}

/// The only option of a list whose label these words are a part of: "Ann" of `9:00 with Ann`, where nobody could write other words
/// for it. Few others may stand before two of them: "the one with Ann".
fn by_part(slot: &SlotSpec, said: &str, asking: &Asking<'_>) -> Option<String> {
    const FEW: usize = 3;
    slot.from.as_ref()?;
    let small = asking.small;
    let words = said.split_whitespace();
    let words: Vec<_> = words.filter(|word| !small.are_courtesy(word)).collect();
    let takes_back = |word: &&str| {
        let mut lists = [&small.negations, &small.denials, &small.contrasts].into_iter();
        lists.any(|list| list.iter().any(|own| own == word))
    };
    let parts = (0..=FEW).map_while(|before| words.split_at_checked(before));
    let mut parts = parts.filter(|(before, part)| {
        part.len() >= if before.is_empty() { 1 } else { 2 } && !before.iter().any(takes_back)
    });
    parts.find_map(|(_, part)| only_with(slot, &part.join(" ")))
}

/// The only option of a list whose label has these words in it, one after the other.
fn only_with(slot: &SlotSpec, words: &str) -> Option<String> {
    let has_them = |option: &&ChoiceSpec| {
        let label = match &option.label {
            Some(Label::Words(label)) => label,
            _ => &option.value,
        };
        format!(" {} ", folded(label)).contains(&format!(" {words} "))
    };
    let mut meant = slot.choices.iter().filter(has_them);
    let first = meant.next()?;
    meant.next().is_none().then(|| first.value.clone())
}
