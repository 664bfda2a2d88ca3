//! What many tests of the engine share: flows that most desks have, and the steps of one story.

/// An order is tracked. Its texts are `ask.order` and `tracked`.
pub(super) const TRACK: &str = "
  track:
    description: To track
    start: {intents: [track]}
    slots: {order: {pattern: '[A-Z]{2}[0-9]{2}', entities: [order]}}
    steps: [{ask: order}, {say: tracked}]
";

/// The opening hours are told, by the text `hours`.
pub(super) const HOURS: &str = "
  hours:
    description: To know the hours
    start: {intents: [hours]}
    steps: [{say: hours}]
";

/// A file of flows, some of them shared.
pub(super) fn flows(shared: &[&str], own: &str) -> String {
    format!("flows:{}{own}", shared.concat())
}

/// A file of one story, whose steps stand each in a line.
pub(super) fn told(steps: &str) -> String {
    let steps = steps.lines().map(str::trim).filter(|line| !line.is_empty());
    let steps: String = steps.map(|line| format!("      - {line}\n")).collect();
    format!("stories:\n  - story: Told\n    steps:\n{steps}")
}
