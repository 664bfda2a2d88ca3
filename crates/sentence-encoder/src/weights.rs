//! The tensors in a safetensors file.

use std::{fs::File, io, ops::Range, os::unix::fs::FileExt, path::PathBuf, sync::Arc};

use ndarray::{Array1, Array2};
use safetensors::{Dtype, tensor::Metadata};

use super::Error;

/// Bytes of the number in front of the table of contents, which says how long that is.
const LENGTH: u64 = 8;
/// Bytes of the table of contents, at most.
const LARGEST_HEADER: u64 = 16 << 20;
/// Bytes of a number.
const F32: usize = 4;

/// A file of which the table of contents was read.
pub(super) struct Weights {
    path: PathBuf,
    file: Arc<File>,
    contents: Metadata,
    /// Where the tensors begin.
    begin: u64,
    /// What all names begin with.
    prefix: &'static str,
}

/// A tensor of two dimensions that stays in the file.
pub(super) struct Table {
    path: PathBuf,
    file: Arc<File>,
    begin: u64,
    width: usize,
}

impl Weights {
    pub(super) fn open(path: PathBuf) -> Result<Self, Error> {
        let (file, header, length) =
            header(&path).map_err(|source| Error::unreadable(path.clone(), source))?;
        let contents: Metadata = serde_json::from_slice(&header)
            .map_err(|error| Error::malformed(path.clone(), error))?;
        let begin = LENGTH + header.len() as u64;
        if begin + contents.data_len() as u64 != length {
            let reason = "it is longer or shorter than it says";
            return Err(Error::malformed(path, reason));
        }
        let is_prefixed = contents
            .info("bert.embeddings.word_embeddings.weight")
            .is_some();
        Ok(Self {
            prefix: if is_prefixed { "bert." } else { "" },
            path,
            file: Arc::new(file),
            contents,
            begin,
        })
    }

    /// Where a tensor of this shape is in the file.
    ///
    /// # Errors
    /// If there is none, or it is another.
    pub(super) fn find(&self, name: &str, shape: &[usize]) -> Result<Range<usize>, Error> {
        let name = format!("{}{name}", self.prefix);
        let Some(info) = self.contents.info(&name) else {
            let reason = format!("there is no `{name}`");
            return Err(Error::malformed(self.path.clone(), reason));
        };
        if info.shape != shape {
            let reason = format!(
                "`{name}` has the shape {:?}, and config.json says {shape:?}",
                info.shape
            );
            return Err(Error::malformed(self.path.clone(), reason));
        }
        if info.dtype != Dtype::F32 {
            let reason = format!("`{name}` is of {:?}; save the model as F32", info.dtype);
            return Err(Error::unsupported(self.path.clone(), reason));
        }
        Ok(info.data_offsets.0..info.data_offsets.1)
    }

    pub(super) fn vector(&self, name: &str, length: usize) -> Result<Array1<f32>, Error> {
        Ok(self.read(name, &[length])?.into())
    }

    /// What a linear layer multiplies with: `outputs` rows, as they are in the file, seen from the other side.
    pub(super) fn matrix(
        &self,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Array2<f32>, Error> {
        let values = self.read(name, &[outputs, inputs])?;
        let matrix = Array2::from_shape_vec((outputs, inputs), values)
            .map_err(|error| Error::malformed(self.path.clone(), error))?;
        Ok(matrix.reversed_axes())
    }

    pub(super) fn table(&self, name: &str, rows: usize, width: usize) -> Result<Table, Error> {
        let place = self.find(name, &[rows, width])?;
        Ok(Table {
            path: self.path.clone(),
            file: self.file.clone(),
            begin: self.begin + place.start as u64,
            width,
        })
    }

    fn read(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let place = self.find(name, shape)?;
        let at = self.begin + place.start as u64;
        read(&self.file, at, place.len() / F32)
            .map_err(|source| Error::unreadable(self.path.clone(), source))
    }
}

impl Table {
    /// One that there is.
    pub(super) fn row(&self, index: usize) -> Result<Vec<f32>, Error> {
        let at = self.begin + (index * self.width * F32) as u64;
        read(&self.file, at, self.width)
            .map_err(|source| Error::unreadable(self.path.clone(), source))
    }
}

fn read(file: &File, at: u64, count: usize) -> io::Result<Vec<f32>> {
    let mut bytes = vec![0; count * F32];
    file.read_exact_at(&mut bytes, at)?;
    let (numbers, _) = bytes.as_chunks::<F32>();
    Ok(numbers.iter().map(|one| f32::from_le_bytes(*one)).collect())
}

/// The file, its table of contents, and its length.
fn header(path: &PathBuf) -> io::Result<(File, Vec<u8>, u64)> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut size = [0; LENGTH as usize];
    file.read_exact_at(&mut size, 0)?;
    let size = u64::from_le_bytes(size);
    if size > LARGEST_HEADER || size + LENGTH > length {
        return Err(io::Error::other("it is no safetensors file"));
    }
    let mut header = vec![0; usize::try_from(size).map_err(io::Error::other)?];
    file.read_exact_at(&mut header, LENGTH)?;
    Ok((file, header, length))
}
