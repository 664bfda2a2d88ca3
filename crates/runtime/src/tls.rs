//! The one TLS provider, and private certificate authorities.

use std::{fs, io, path::Path};

use rustls::pki_types::{CertificateDer, pem::PemObject as _};

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

/// Why a file is of no use as a certificate authority.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoAuthority {
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("holds no certificate in PEM form")]
    NoCertificate,
}

/// The certificates of a private authority, as the PEM text of their file. Blocks.
///
/// # Errors
/// Where the file cannot be read, or holds no certificate.
pub fn authority(file: &Path) -> Result<String, NoAuthority> {
    let text = fs::read_to_string(file)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(text),
        _ => Err(NoAuthority::NoCertificate),
    }
}
