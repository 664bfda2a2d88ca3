//! From sentences to a classifier.

use convene_training_data::{Intent, Language};

use super::{
    background,
    calibration::{Calibration, SaidBefore, highest},
    classifier::{Classifier, Weights, join},
    learnt,
    semantic::{self, Semantic},
    svm::{Block, LANES, Lanes, Sentences, Settings},
    tfidf::{Vector, Vocabulary},
};
use crate::{encoder::Embedding, parallel, text};

/// How often a sentence is held out of training once, to learn what scores mean.
const FOLDS: usize = 5;
/// What a sentence on the wrong side costs, and how much more a class's own do. Chosen on CLINC150's
/// validation sentences and a fifth of BANKING77's training sentences.
const SETTINGS: Settings = Settings {
    cost: 1.0,
    own: 4.0,
    tolerance: 0.1,
    rounds: 100,
};

/// A fold begins near its end, and need not be as exact.
const FOLD: Settings = Settings {
    tolerance: 0.5,
    ..SETTINGS
};

/// With fewer sentences of its own that are out of scope, a project's class of those is ours.
const FEW: usize = 20;
/// How much the word of the class of what is out of scope counts: of a project's own sentences, of ours, which know
/// nothing of the project, and of both. Chosen on CLINC150's validation sentences: on all of it, and on 15 intents at a
/// time with 100, 30, 10 and 6 sentences each.
const OWN_SHARE: f32 = 1.0;
const JOINT_SHARE: f32 = 0.5;
const OUR_SHARE: f32 = 0.3;

/// A sentence to learn from; without an intent it is out of scope.
pub(crate) type Sentence<'a> = (&'a str, Option<&'a Intent>);

/// The sentences in the forms that training needs.
struct Lesson {
    vectors: Vec<Vector>,
    /// By sentence; what is out of scope has the number behind the last intent.
    classes: Vec<usize>,
    /// By sentence: the fold in which it is held out.
    folds: Vec<usize>,
    /// From this one on they are background of ours.
    asides: usize,
}

/// What a thread learns about sixteen classes.
struct Part {
    weights: Weights,
    held: Vec<Lanes>,
}

impl Classifier {
    /// Learns from sentences, on as many threads as there are processors; what it learns does not
    /// depend on their number. `embeddings`, if there are any, are those of the sentences, in their order.
    pub(crate) fn train(
        sentences: &[Sentence<'_>],
        embeddings: Option<&[Embedding]>,
        language: &Language,
    ) -> Self {
        let mut intents: Vec<Intent> = sentences
            .iter()
            .filter_map(|(_, intent)| intent.cloned())
            .collect();
        intents.sort();
        intents.dedup();
        let words: Vec<String> = sentences
            .iter()
            .map(|(text, _)| text::words(text))
            .collect();
        let inside = words
            .iter()
            .zip(sentences)
            .filter(|(_, (_, intent))| intent.is_some());
        let vocabulary = Vocabulary::learn(inside.map(|(words, _)| words.as_str()));
        let mut vectors: Vec<Vector> = words.iter().map(|words| vocabulary.vector(words)).collect();
        let mut classes: Vec<usize> = sentences
            .iter()
            .map(|(_, intent)| {
                intent.map_or(intents.len(), |intent| {
                    intents.partition_point(|known| known < intent)
                })
            })
            .collect();
        let learnt = learnt::Sentences::of(&words, &classes, intents.len());
        let own = sentences.len()
            - classes
                .iter()
                .filter(|class| **class < intents.len())
                .count();
        let ours = background::beside(language, &vectors, &vocabulary);
        let background = match (own, ours.len()) {
            (0, 0) => None,
            (_, 0) => Some(OWN_SHARE),
            (0..FEW, _) => Some(OUR_SHARE),
            (_, _) => Some(JOINT_SHARE),
        };
        classes.resize(classes.len() + ours.len(), intents.len());
        vectors.extend(ours);
        let count = intents.len() + usize::from(background.is_some());
        let lesson = Lesson {
            vectors,
            folds: folds(&classes, count),
            classes,
            asides: sentences.len(),
        };
        let parts = parallel::map(count.div_ceil(LANES), |block| {
            lesson.learn(block, vocabulary.len())
        });
        let mut held = vec![Vec::with_capacity(parts.len() * LANES); lesson.vectors.len()];
        let mut blocks = Vec::with_capacity(parts.len());
        for block in parts {
            for (all, scores) in held.iter_mut().zip(block.held) {
                all.extend(scores);
            }
            blocks.push(block.weights);
        }
        for scores in &mut held {
            join(scores, intents.len(), background);
        }
        // Sentences of ours say nothing about what this project's people say.
        held.truncate(sentences.len());
        let calibration =
            Calibration::of(&held, &lesson.classes, intents.len(), &SaidBefore::WORDS);
        let semantic = embeddings.and_then(|embeddings| {
            Semantic::learn(&semantic::Lesson {
                embeddings,
                classes: &lesson.classes[..sentences.len()],
                folds: &lesson.folds[..sentences.len()],
                intents: intents.len(),
                held: &held,
            })
        });
        let mut classifier = Self {
            calibration,
            semantic,
            vocabulary,
            intents,
            background,
            blocks,
            learnt,
        };
        let silence = highest(&classifier.of_silence());
        classifier.calibration.raise_above_silence(silence);
        if let Some(semantic) = &mut classifier.semantic {
            semantic.raise_above_silence(silence);
        }
        classifier
    }
}

/// Each class's sentences take turns, so that every fold has the same share of each.
fn folds(classes: &[usize], count: usize) -> Vec<usize> {
    let mut seen = vec![0; count];
    let turns = classes.iter().map(|class| {
        let turn = seen[*class] % FOLDS;
        seen[*class] += 1;
        turn
    });
    turns.collect()
}

impl Lesson {
    fn learn(&self, block: usize, places: usize) -> Part {
        let classes = block * LANES..(block + 1) * LANES;
        let lanes: Vec<Option<u8>> = self
            .classes
            .iter()
            .map(|class| {
                let lane = class
                    .checked_sub(classes.start)
                    .filter(|_| classes.contains(class));
                lane.and_then(|lane| u8::try_from(lane).ok())
            })
            .collect();
        let sentences = Sentences {
            vectors: &self.vectors,
            lanes: &lanes,
            asides: self.asides,
        };
        let seed = 0x9E37_79B9_7F4A_7C15;
        let mut whole = Block::new(places, self.vectors.len());
        let count = u32::try_from(self.vectors.len()).unwrap_or(u32::MAX);
        whole.learn(
            &sentences,
            &mut (0..count).collect::<Vec<_>>(),
            &SETTINGS,
            seed,
        );
        let mut held = vec![[0.0; LANES]; self.vectors.len()];
        // A fold begins where the whole ended, less what the held-out sentences had given it.
        for fold in 0..FOLDS {
            let mut part = whole.clone();
            let mut others = Vec::with_capacity(self.vectors.len());
            for (number, turn) in (0..count).zip(&self.folds) {
                if *turn == fold {
                    part.forget(number as usize, &sentences);
                } else {
                    others.push(number);
                }
            }
            part.learn(&sentences, &mut others, &FOLD, seed);
            for (number, turn) in self.folds.iter().enumerate() {
                if *turn == fold {
                    held[number] = part.scores(&self.vectors[number]);
                }
            }
        }
        Part {
            weights: Weights::round(&whole.weights, whole.bias),
            held,
        }
    }
}
