//! Which of several values words choose: by what it is called, by its place in the list, or by a part of that.

use super::{
    Asking, ChoiceSpec, Label, SlotSpec,
    answer::{bare, plain_digits},
    folded, only,
};

/// So many words lead to what is chosen: "I would rather take the one with Ann".
pub(crate) const FEW_BEFORE: usize = 3;

/// All that a choice's values are called, with the values. What an item of a list is to a program is no name of it, where people
/// see something else.
pub(crate) fn called<'s>(slot: &'s SlotSpec, asking: &'s Asking<'_>) -> Vec<(String, &'s String)> {
    let own = slot.choices.iter().flat_map(|choice| {
        let is_hidden = matches!(choice.label, Some(Label::Words(_)));
        let own = std::iter::once(&choice.value).filter(move |_| !is_hidden);
        let own = own.chain(&choice.synonyms);
        own.map(move |word| (word.clone(), &choice.value))
    });
    let labels = asking.labels.iter();
    own.chain(labels.map(|(label, value)| (label.clone(), value)))
        .collect()
}

/// A value, its label, a synonym, or its number in the list; whole, or as the only one that the text names.
pub(super) fn choice(slot: &SlotSpec, text: &str, asking: &Asking<'_>) -> Option<String> {
    let said = bare(text);
    let names = called(slot, asking);
    if let Ok(number) = plain_digits(&said).parse::<usize>()
        && !names.iter().any(|(name, _)| bare(name) == said)
    {
        let option = slot.option_of_number(number)?;
        return Some(option.value.clone());
    }
    let by_place = || {
        let place = asking.small.place_in_list(text, slot.choices.len())?;
        Some(slot.choices.get(place)?.value.clone())
    };
    let said = folded(text);
    // An article is no part of a name.
    let plain = asking.small.without_lead(&said);
    let is_all = |(name, _): &&(String, &String)| {
        let folded = folded(name);
        bare(name) == bare(text) || folded == said || asking.small.without_lead(&folded) == plain
    };
    let mut whole = names.iter().filter(is_all).map(|(_, value)| *value);
    if let Some(first) = whole.next() {
        // Of written ones that are called the same `check` tells.
        let is_one = slot.from.is_none() || whole.all(|other| other == first);
        return is_one.then(|| first.clone());
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

impl SlotSpec {
    /// The option that a number alone means: the one of that value, of that hour where all have one, what begins with it in a
    /// list ("2 nights"), or the one in that place.
    pub(crate) fn option_of_number(&self, number: usize) -> Option<&ChoiceSpec> {
        let is_hidden = |option: &ChoiceSpec| matches!(option.label, Some(Label::Words(_)));
        let by_value = self.choices.iter().find(|option| {
            !is_hidden(option) && bare(&option.value).parse::<usize>() == Ok(number)
        });
        let by_hour = || self.option_at_hour(i64::try_from(number).ok()?);
        let start = format!("{number} ");
        let begins = |option: &&ChoiceSpec| folded(option.shown()).starts_with(&start);
        let by_label = only(self.choices.iter().filter(begins)).filter(|_| self.from.is_some());
        let by_place = || self.choices.get(number.checked_sub(1)?);
        by_value.or_else(by_hour).or(by_label).or_else(by_place)
    }
}

/// The only option of a list whose label these words are a part of: "Ann" of `9:00 with Ann`, where nobody could write other words
/// for it. One other may stand before it ("for Ann"), and few before two of them: "the one with Ann". A label that says the opposite
/// is none: "today" is no "not today".
fn by_part(slot: &SlotSpec, said: &str, asking: &Asking<'_>) -> Option<String> {
    slot.from.as_ref()?;
    let small = asking.small;
    if asking.nods.are_all(said, small) {
        return None;
    }
    let words = said.split_whitespace();
    let words: Vec<_> = words.filter(|word| !small.are_courtesy(word)).collect();
    let takes_back =
        |word: &str| small.negate(word) || small.contrasts.iter().any(|own| own == word);
    let labels = slot.choices.iter();
    let labels = labels.map(|option| (option, folded(option.shown())));
    let labels: Vec<_> = labels.collect();
    // "Ann or Bob" is not Bob alone.
    let is_of_one = |word: &str| {
        let mut labels = labels.iter();
        labels.any(|(_, label)| label.split(' ').any(|own| own == word))
    };
    let is_lead = |word: &&str| !takes_back(word) && !is_of_one(word);
    let parts = (0..=FEW_BEFORE).map_while(|before| words.split_at_checked(before));
    let mut parts = parts.filter(|(before, part)| {
        part.len() >= before.len().clamp(1, 2) && before.iter().all(is_lead)
    });
    parts.find_map(|(_, part)| {
        let part = format!(" {} ", part.join(" "));
        let has_it = labels.iter().filter(|(_, label)| {
            format!(" {label} ").contains(&part) && !label.split(' ').any(takes_back)
        });
        let (option, _) = only(has_it)?;
        Some(option.value.clone())
    })
}
