//! Files that others may read while they are written.

use std::{fs, io, path::Path};

/// Writes a file: first beside it, under a name of this process's own, and then in its place.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = file.with_added_extension(format!("{}.new", std::process::id()));
    fs::write(&beside, bytes)?;
    fs::rename(&beside, file)
}
