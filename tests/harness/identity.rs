//! A private certificate authority, and a server that it vouches for.

use std::{fs, path::Path};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use xtask::tls::Identity;

/// An identity for this machine's own address, with its files in a folder.
pub(crate) fn make(folder: &Path) -> Identity {
    fs::create_dir_all(folder).unwrap();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let mut server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    // OpenSSL takes who has the authority's own name for an authority.
    server.distinguished_name.push(DnType::CommonName, "server");
    // Nodes of a Redis Cluster are clients of each other.
    server.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    let key = KeyPair::generate().unwrap();
    let certificate = server.signed_by(&key, &authority).unwrap();
    let write = |name: &str, text: String| {
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        file
    };
    Identity {
        authority: write("ca.pem", authority.pem()),
        certificate: write("server.pem", certificate.pem()),
        key: write("server.key", key.serialize_pem()),
    }
}
