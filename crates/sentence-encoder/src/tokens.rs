//! A sentence as the numbers of its tokens, as the folder's `tokenizer.json` cuts it.

use std::{collections::BTreeMap, fs};

use kitoken::{Kitoken, convert::convert_tokenizers};
use serde::Deserialize;

use super::{Error, folder::Folder};

/// Bytes of a sentence that are looked at for each token that counts.
const BYTES: usize = 32;

/// See the module.
pub(super) struct Tokenizer {
    kitoken: Kitoken,
    /// Tokens in front of each sentence, and behind it.
    before: Vec<u32>,
    after: Vec<u32>,
    vocabulary: usize,
    longest: usize,
}

/// Of `tokenizer.json`, what kitoken leaves to others.
#[derive(Deserialize)]
struct File {
    post_processor: PostProcessor,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum PostProcessor {
    TemplateProcessing {
        single: Vec<Piece>,
        special_tokens: BTreeMap<String, Special>,
    },
    #[serde(alias = "RobertaProcessing")]
    BertProcessing {
        cls: (String, u32),
        sep: (String, u32),
    },
}

#[derive(Deserialize)]
enum Piece {
    SpecialToken { id: String },
    Sequence {},
}

#[derive(Deserialize)]
struct Special {
    ids: Vec<u32>,
}

impl Tokenizer {
    pub(super) fn open(folder: &Folder) -> Result<Self, Error> {
        let path = folder.tokenizer();
        let bytes = fs::read(&path).map_err(|source| Error::unreadable(path.clone(), source))?;
        let file: File = serde_json::from_slice(&bytes)
            .map_err(|error| Error::unsupported(path.clone(), error))?;
        let (before, after) = file.post_processor.around();
        if before.len() + after.len() >= folder.longest {
            return Err(Error::malformed(path, "there is no place for a sentence"));
        }
        let mut definition =
            convert_tokenizers(&bytes).map_err(|error| Error::malformed(path.clone(), error))?;
        // Files say here how what they were trained with was filled up and cut off.
        definition.config.processing.clear();
        let kitoken =
            Kitoken::from_definition(definition).map_err(|error| Error::malformed(path, error))?;
        Ok(Self {
            kitoken,
            before,
            after,
            vocabulary: folder.config.vocab_size,
            longest: folder.longest,
        })
    }

    /// At least one, and no more than the model takes.
    pub(super) fn tokens(&self, sentence: &str) -> Result<Vec<u32>, Error> {
        let end = sentence.floor_char_boundary(self.longest * BYTES);
        // What looks like a token of the model's own is text: people say it.
        let inside = self.kitoken.encode(&sentence[..end], false);
        let inside = inside.map_err(|error| Error::Untokenizable(error.to_string()))?;
        let place = self.longest - self.before.len() - self.after.len();
        let inside = &inside[..inside.len().min(place)];
        let tokens = [&self.before, inside, &self.after].concat();
        let is_known = |token: &u32| (*token as usize) < self.vocabulary;
        if tokens.is_empty() || !tokens.iter().all(is_known) {
            let said = "the tokenizer and the model do not fit together";
            return Err(Error::Untokenizable(said.into()));
        }
        Ok(tokens)
    }
}

impl PostProcessor {
    /// What stands in front of a sentence, and behind it.
    fn around(self) -> (Vec<u32>, Vec<u32>) {
        let (single, special_tokens) = match self {
            Self::TemplateProcessing {
                single,
                special_tokens,
            } => (single, special_tokens),
            Self::BertProcessing { cls, sep } => return (vec![cls.1], vec![sep.1]),
        };
        let is_sentence = |piece: &Piece| matches!(piece, Piece::Sequence {});
        let middle = single.iter().position(is_sentence).unwrap_or(single.len());
        let ids = |pieces: &[Piece]| {
            let specials = pieces.iter().filter_map(|piece| match piece {
                Piece::SpecialToken { id } => special_tokens.get(id),
                Piece::Sequence {} => None,
            });
            specials.flat_map(|special| special.ids.clone()).collect()
        };
        (ids(&single[..middle]), ids(&single[middle..]))
    }
}
