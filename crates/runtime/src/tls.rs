//! The one TLS provider.

/// Makes aws-lc-rs the process's TLS provider. Call it first, in every `main` and test harness
/// that uses TLS: rustls would rather panic than choose. Calling it again does nothing.
pub fn install() {
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        tracing::trace!("a TLS provider is installed already");
    }
}
