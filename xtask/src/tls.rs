//! What a server that speaks TLS needs, as the files that all of them take.

use std::path::PathBuf;

/// A server's certificate and key, and the authority that signed it; all in PEM form.
#[derive(Debug, Clone)]
pub struct Identity {
    pub authority: PathBuf,
    pub certificate: PathBuf,
    pub key: PathBuf,
}
