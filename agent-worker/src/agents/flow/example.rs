//! The example that ships: the support desk of a shop, in the binary.

use rust_embed::RustEmbed;

/// The example's files, by their paths in a project's folder.
#[derive(RustEmbed)]
#[folder = "../examples/shop"]
pub struct Example;
