//! One file a command.

pub(crate) mod bench;
pub(crate) mod chaos;
pub(crate) mod cluster;
pub(crate) mod fuzz;
pub(crate) mod layers;
pub(crate) mod lint;
pub(crate) mod run;
pub(crate) mod screenshot;
pub(crate) mod sim;
pub(crate) mod test;

/// A command line's arguments.
#[cfg(test)]
fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}
