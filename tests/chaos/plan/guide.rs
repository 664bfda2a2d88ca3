//! What the guide answers to what a plan has people say to it.

use convene_invariants::Question;

/// What the guide answers to these, in the attempt of this number.
pub(crate) fn guides_answer(questions: &[Question], attempt: u32) -> String {
    let several = questions.len() > 1;
    let answers = questions.iter().map(|Question { name, text }| {
        let answer = guides_words(text, attempt);
        if several {
            format!("**{name}:** {answer}")
        } else {
            answer
        }
    });
    answers.collect::<Vec<_>>().join("\n\n")
}

fn guides_words(text: &str, attempt: u32) -> String {
    let (command, rest) = text.split_once(' ').unwrap();
    let count = || -> u32 { rest.split(' ').next().unwrap().parse().unwrap() };
    match command {
        "/echo" => rest.to_owned(),
        "/messages" => {
            let say = |number| format!("Message {number} of {}.", count());
            (1..=count()).map(say).collect()
        }
        "/stream" => {
            let end = |number| if number % 20 == 0 { '\n' } else { ' ' };
            let numbers = (1..=count()).map(|number| format!("{number}{}", end(number)));
            numbers.collect()
        }
        "/fail" if attempt <= count() => {
            format!("This is attempt {attempt}, and it is about to fail")
        }
        "/fail" => {
            let failed = attempt - 1;
            let attempts = if failed == 1 { "attempt" } else { "attempts" };
            format!(
                "This is attempt {attempt}, and it works. What the {failed} {attempts} before had \
                 said was taken back; nothing was lost, and nothing is said twice."
            )
        }
        other => panic!("nobody says {other}"),
    }
}
