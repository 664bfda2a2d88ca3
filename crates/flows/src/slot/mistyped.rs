//! "Refnud": one letter of what is offered is missing, is too much, is another, or stands in another place.

use super::folded;

/// A shorter name is too near to other words.
const LEAST: usize = 5;

/// Whether words are a name but for one letter. Signs that are none are as they are: "basic 30" is not "basic 20".
fn is_nearly(said: &str, name: &str) -> bool {
    let others = |text: &str| -> String {
        let is_other = |sign: &char| !sign.is_alphabetic() && !sign.is_whitespace();
        text.chars().filter(is_other).collect()
    };
    let letters = name.chars().filter(|sign| sign.is_alphabetic()).count();
    letters >= LEAST && others(said) == others(name) && strsim::osa_distance(said, name) == 1
}

/// What these words are meant to name: the only one of all that are offered of which a name is so nearly that.
pub(crate) fn meant_by<T: PartialEq>(
    said: &str,
    offered: impl Iterator<Item = (String, T)>,
) -> Option<T> {
    let said = folded(said);
    let mut near = offered.filter(|(name, _)| is_nearly(&said, &folded(name)));
    let (_, first) = near.next()?;
    near.all(|(_, other)| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::meant_by;

    fn meant(said: &str) -> Option<usize> {
        let offered = [
            "Standard", "refund", "check-up", "Basic 20", "paid", "brown", "crown",
        ];
        meant_by(said, offered.iter().map(|name| (*name).to_owned()).zip(0..))
    }

    #[test]
    fn a_letter_that_is_wrong_is_no_other_name() {
        for (said, place) in [
            ("standrad", 0),
            ("Standart", 0),
            ("refnud", 1),
            ("refun", 1),
            ("reffund!", 1),
            ("chek-up", 2),
            ("checkup", 2),
            ("bsaic 20", 3),
        ] {
            assert_eq!(meant(said), Some(place), "{said}");
        }
        for said in [
            "stadnrad", "basic 30", "basic 2", "paix", "drown", "a refnud", "", "fund",
        ] {
            assert_eq!(meant(said), None, "{said}");
        }
    }
}
