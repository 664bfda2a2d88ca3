//! Opening a folder: its lock, its format, and a fresh start for what was under way.

use std::{io::ErrorKind, path::Path};

use convene_runtime::clock::now_ms;
use redb::{
    Builder, Database, DatabaseError, ReadableTable as _, StorageError, backends::InMemoryBackend,
};

use super::{
    Options,
    error::{OpenError, unreadable},
    memory::Memory,
    step::{Step, Weight},
    tables::{FORMAT, META, Tables},
};
use crate::store::{Error, Result};

/// The database's file in the folder.
pub(super) const FILE: &str = "convene.redb";

/// Opens the database in this folder, and makes both where they are not there yet.
pub(super) fn open(folder: &Path, options: &Options) -> std::result::Result<Database, OpenError> {
    std::fs::create_dir_all(folder).map_err(|error| io(folder, error))?;
    let file = folder.join(FILE);
    let database = Builder::new()
        .set_cache_size(options.cache_bytes)
        .set_check_integrity_on_open(true)
        .create(&file)
        .map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
                OpenError::AlreadyOpen {
                    folder: folder.to_owned(),
                }
            }
            DatabaseError::Storage(StorageError::Io(error))
                if error.kind() != ErrorKind::InvalidData
                    && error.kind() != ErrorKind::UnexpectedEof =>
            {
                io(folder, error)
            }
            error => damaged(&file, error),
        })?;
    match prepare(&database, options) {
        Ok(FORMAT) => Ok(database),
        Ok(found) if found < FORMAT => Err(OpenError::TooOld {
            file,
            found,
            known: FORMAT,
        }),
        Ok(found) => Err(OpenError::TooNew {
            file,
            found,
            known: FORMAT,
        }),
        Err(error) => Err(unprepared(folder, &file, error)),
    }
}

/// A fresh database without a file.
pub(super) fn in_memory(options: &Options) -> Result<Database> {
    let database = Builder::new()
        .set_cache_size(options.cache_bytes)
        .create_with_backend(InMemoryBackend::new())
        .map_err(|error| Error::Unavailable(error.into()))?;
    prepare(&database, options)?;
    Ok(database)
}

/// A file that cannot be read or written may be as good as ever: the disk is full, say.
fn unprepared(folder: &Path, file: &Path, error: Error) -> OpenError {
    match error {
        Error::Unavailable(source) => io(folder, source),
        error => damaged(file, error),
    }
}

fn io(folder: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> OpenError {
    OpenError::Io {
        folder: folder.to_owned(),
        source: source.into(),
    }
}

fn damaged(file: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> OpenError {
    OpenError::Damaged {
        file: file.to_owned(),
        source: source.into(),
    }
}

/// Makes the tables, and puts everything that waits at the front of the due set: whoever would
/// have rung for it is gone with the last process. Answers with the file's format, and touches
/// nothing where it is not ours.
fn prepare(database: &Database, options: &Options) -> Result<u64> {
    let transaction = database.begin_write()?;
    let found = transaction
        .open_table(META)?
        .get("format")?
        .map(|format| format.value());
    if let Some(found) = found.filter(|found| *found != FORMAT) {
        transaction.abort()?;
        return Ok(found);
    }
    {
        let mut tables = Tables::open(&transaction)?;
        tables.meta.insert("format", FORMAT)?;
        let mut waiting = Vec::new();
        for row in tables.due.iter()? {
            let id = row?.0.value().1.parse();
            waiting.push(id.map_err(|_| unreadable("a due set"))?);
        }
        let mut step = Step {
            tables: &mut tables,
            memory: &mut Memory::default(),
            limits: &options.limits,
            now: now_ms(),
            weight: Weight::Nothing,
        };
        for id in waiting {
            let mut state = step.state(&id)?.ok_or_else(|| unreadable("a due set"))?;
            step.hurry(&id, &mut state)?;
            step.keep(&id, &state)?;
        }
    }
    transaction.commit()?;
    Ok(FORMAT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_full_is_no_damage() {
        let (folder, file) = (Path::new("data"), Path::new("data/convene.redb"));
        let full = StorageError::Io(ErrorKind::StorageFull.into());
        let error = unprepared(folder, file, full.into());
        assert!(matches!(error, OpenError::Io { .. }), "{error:?}");
        let error = unprepared(folder, file, unreadable("a due set"));
        assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    }
}
