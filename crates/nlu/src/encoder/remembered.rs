//! Remembers what an encoder has said, in a file: training data that has changed a little costs little.

use std::{
    collections::BTreeMap,
    fs, io,
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::{Embedding, Encoder, EncoderError, encode};
use crate::files::replace;

/// What a file begins with.
const MAGIC: &[u8; 8] = b"CVNVEC\0\x01";
/// Sentences that an encoder is asked about at once: what came before a failure is remembered.
const AT_ONCE: usize = 256;

/// See the module. For training, and for measuring; what people say is not remembered.
pub struct Remembered<'e> {
    encoder: &'e dyn Encoder,
    known: Mutex<Known>,
}

/// Vectors by a hash of their sentences.
#[derive(Default, Serialize, Deserialize)]
struct Known {
    identity: String,
    vectors: BTreeMap<u128, Embedding>,
}

impl Known {
    /// Asks for what is not known yet.
    fn ask(&mut self, encoder: &dyn Encoder, sentences: &[&str]) -> Result<(), EncoderError> {
        let mut unknown: Vec<&str> = sentences.to_vec();
        unknown.sort_unstable();
        unknown.dedup();
        unknown.retain(|sentence| !self.vectors.contains_key(&hash(sentence)));
        for part in unknown.chunks(AT_ONCE) {
            let vectors = encode(encoder, part)?;
            let hashes = part.iter().map(|sentence| hash(sentence));
            self.vectors.extend(hashes.zip(vectors));
        }
        Ok(())
    }

    /// Whether there are vectors of several lengths.
    fn is_mixed(&self) -> bool {
        let mut dimensions = self.vectors.values().map(Embedding::dimension);
        let first = dimensions.next();
        dimensions.any(|other| Some(other) != first)
    }
}

impl<'e> Remembered<'e> {
    /// Knows nothing yet.
    pub fn new(encoder: &'e dyn Encoder) -> Self {
        Self {
            encoder,
            known: Mutex::default(),
        }
    }

    /// Knows what is in a file, if that is of the same encoder; what cannot be read is as good as none.
    pub fn open(encoder: &'e dyn Encoder, file: &Path) -> Self {
        let known = fs::read(file).ok().and_then(|bytes| {
            let known: Known = postcard::from_bytes(bytes.strip_prefix(MAGIC)?).ok()?;
            (known.identity == encoder.identity()).then_some(known)
        });
        Self {
            encoder,
            known: Mutex::new(known.unwrap_or_default()),
        }
    }

    /// Writes what is known of these sentences to a file, and of no others, so that it does not grow for ever.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save<'s>(
        &self,
        file: &Path,
        sentences: impl Iterator<Item = &'s str>,
    ) -> io::Result<()> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let vectors = sentences.filter_map(|sentence| {
            let hash = hash(sentence);
            Some((hash, known.vectors.get(&hash)?.clone()))
        });
        let kept = Known {
            identity: self.encoder.identity().to_owned(),
            vectors: vectors.collect(),
        };
        drop(known);
        let bytes = postcard::to_extend(&kept, MAGIC.to_vec()).map_err(io::Error::other)?;
        replace(file, &bytes)
    }
}

impl Encoder for Remembered<'_> {
    fn identity(&self) -> &str {
        self.encoder.identity()
    }

    fn encode(&self, sentences: &[&str]) -> Result<Vec<Embedding>, EncoderError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.ask(self.encoder, sentences)?;
        if known.is_mixed() {
            // What is behind the name is not what it was.
            known.vectors.clear();
            known.ask(self.encoder, sentences)?;
        }
        let all = sentences
            .iter()
            .filter_map(|sentence| known.vectors.get(&hash(sentence)).cloned());
        Ok(all.collect())
    }
}

fn hash(sentence: &str) -> u128 {
    xxh3_128(sentence.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts what it is asked, and is away from some sentence on.
    #[derive(Default)]
    struct Counts {
        name: &'static str,
        asked: AtomicUsize,
        most: Option<usize>,
        /// How many numbers a vector has beside two.
        more: usize,
    }

    impl Encoder for Counts {
        fn identity(&self) -> &str {
            self.name
        }

        fn encode(&self, sentences: &[&str]) -> Result<Vec<Embedding>, EncoderError> {
            let before = self.asked.fetch_add(sentences.len(), Ordering::Relaxed);
            if self.most.is_some_and(|most| before >= most) {
                return Err(EncoderError::Away("gone".into()));
            }
            let vectors = sentences.iter().map(|sentence| {
                let length = f32::from(u8::try_from(sentence.len()).unwrap());
                let mut vector = vec![1.0, length];
                vector.resize(2 + self.more, 0.5);
                Embedding::new(vector).unwrap()
            });
            Ok(vectors.collect())
        }
    }

    fn asked(encoder: &Counts) -> usize {
        encoder.asked.load(Ordering::Relaxed)
    }

    #[test]
    fn what_is_in_the_file_is_not_asked_again_unless_another_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vectors");
        let one = Counts::default();
        let remembered = Remembered::open(&one, &file);
        let first = remembered.encode(&["a", "bb", "a", "ccc"]).unwrap();
        assert_eq!((first.len(), asked(&one)), (4, 3));
        assert_eq!(first[0], first[2]);
        remembered.save(&file, ["a", "bb"].into_iter()).unwrap();

        let again = Remembered::open(&one, &file);
        assert_eq!(again.encode(&["bb", "a"]).unwrap()[1], first[0]);
        assert_eq!(asked(&one), 3);
        again.encode(&["ccc"]).unwrap();
        assert_eq!(asked(&one), 4, "the file keeps what is asked for alone");

        let other = Counts {
            name: "other",
            ..Counts::default()
        };
        Remembered::open(&other, &file).encode(&["a"]).unwrap();
        assert_eq!(asked(&other), 1);
        fs::write(&file, b"CVNVEC\0\x01nonsense").unwrap();
        Remembered::open(&one, &file).encode(&["a"]).unwrap();
        assert_eq!(asked(&one), 5);
    }

    #[test]
    fn what_has_another_length_than_before_is_asked_anew() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vectors");
        let before = Counts::default();
        let remembered = Remembered::open(&before, &file);
        remembered.encode(&["a", "bb"]).unwrap();
        remembered.save(&file, ["a", "bb"].into_iter()).unwrap();
        let longer = Counts {
            more: 1,
            ..Counts::default()
        };
        let all = Remembered::open(&longer, &file).encode(&["a", "bb", "ccc"]);
        let lengths: Vec<_> = all.unwrap().iter().map(Embedding::dimension).collect();
        assert_eq!(lengths, [3, 3, 3]);
    }

    #[test]
    fn what_came_before_a_failure_is_known_after_it() {
        let texts: Vec<String> = (0..600).map(|number| format!("{number:04}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let dies = Counts {
            most: Some(AT_ONCE),
            ..Counts::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vectors");
        let remembered = Remembered::new(&dies);
        assert!(remembered.encode(&texts).is_err());
        remembered.save(&file, texts.iter().copied()).unwrap();
        let lives = Counts::default();
        Remembered::open(&lives, &file).encode(&texts).unwrap();
        assert_eq!(asked(&lives), 600 - AT_ONCE);
    }
}
