//! The secret that signs tokens where no settings have one: made at the first start of the
//! embedded mode, and kept beside its data.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use convene_gateway::auth;

const FILE: &str = "auth.secret";

/// The folder's secret, if it has one.
pub fn read(folder: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(folder.join(FILE)) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            _ => Err(error),
        },
    }
}

/// What is wrong with the folder's secret, if it has one.
pub fn fault(folder: &Path) -> Option<String> {
    let file = folder.join(FILE);
    match read(folder) {
        Ok(Some(secret)) if secret.len() < auth::SECRET_BYTES => Some(format!(
            "auth.secret, which is kept in {}, is shorter than {} bytes: move the file away, and a \
             new one is made; tokens signed with the old one are then no good",
            file.display(),
            auth::SECRET_BYTES
        )),
        Ok(_) => None,
        Err(error) => Some(format!(
            "auth.secret, which is kept in {}, cannot be read: {error}",
            file.display()
        )),
    }
}

/// The folder's secret, made now if it has none.
pub fn read_or_make(folder: &Path) -> io::Result<String> {
    if let Some(secret) = read(folder)? {
        return Ok(secret);
    }
    let bytes: [u8; 32] = rand::random();
    let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(folder.join(FILE))?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), None);
        let made = read_or_make(folder.path()).unwrap();
        assert_eq!(made.len(), 64);
        assert_eq!(read_or_make(folder.path()).unwrap(), made);
        let mode = fs::metadata(folder.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
