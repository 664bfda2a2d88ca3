//! BERT (Devlin et al. 2019, arXiv:1810.04805) as far as a sentence's vector needs it. Sentences are computed
//! together as the rows of one matrix, without padding: only attention knows where each begins.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, Slice};

use super::{
    Error,
    folder::{Config, Folder, Pooling},
    weights::{Table, Weights},
};

const WORDS: &str = "embeddings.word_embeddings.weight";
const POSITIONS: &str = "embeddings.position_embeddings.weight";
const KINDS: &str = "embeddings.token_type_embeddings.weight";
const EMBEDDED: &str = "embeddings.LayerNorm";

/// See the module.
pub(super) struct Transformer {
    words: Table,
    /// Of each position, with that of a first sentence's tokens.
    positions: Array2<f32>,
    embedded: Norm,
    layers: Vec<Layer>,
    heads: usize,
    pooling: Pooling,
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attended: Linear,
    after_attention: Norm,
    wide: Linear,
    narrow: Linear,
    after_all: Norm,
}

struct Linear {
    weights: Array2<f32>,
    bias: Array1<f32>,
}

struct Norm {
    weights: Array1<f32>,
    bias: Array1<f32>,
    epsilon: f32,
}

/// Whether all tensors are there, in the right shapes.
pub(super) fn check(config: &Config, weights: &Weights) -> Result<(), Error> {
    let (hidden, wide) = (config.hidden_size, config.intermediate_size);
    weights.find(WORDS, &[config.vocab_size, hidden])?;
    weights.find(POSITIONS, &[config.max_position_embeddings, hidden])?;
    weights.find(KINDS, &[config.type_vocab_size, hidden])?;
    let norm = |name: &str| {
        weights.find(&format!("{name}.weight"), &[hidden])?;
        weights.find(&format!("{name}.bias"), &[hidden])
    };
    norm(EMBEDDED)?;
    for number in 0..config.num_hidden_layers {
        for (name, inputs, outputs) in linears(hidden, wide) {
            let name = of_layer(number, name);
            weights.find(&format!("{name}.weight"), &[outputs, inputs])?;
            weights.find(&format!("{name}.bias"), &[outputs])?;
        }
        for name in NORMS {
            norm(&of_layer(number, name))?;
        }
    }
    Ok(())
}

const NORMS: [&str; 2] = ["attention.output.LayerNorm", "output.LayerNorm"];

/// The names of a layer's linear parts, with their inputs and outputs.
const fn linears(hidden: usize, wide: usize) -> [(&'static str, usize, usize); 6] {
    [
        ("attention.self.query", hidden, hidden),
        ("attention.self.key", hidden, hidden),
        ("attention.self.value", hidden, hidden),
        ("attention.output.dense", hidden, hidden),
        ("intermediate.dense", hidden, wide),
        ("output.dense", wide, hidden),
    ]
}

fn of_layer(number: usize, name: &str) -> String {
    format!("encoder.layer.{number}.{name}")
}

impl Transformer {
    pub(super) fn open(folder: &Folder) -> Result<Self, Error> {
        let (config, weights) = (&folder.config, &folder.weights);
        let hidden = config.hidden_size;
        let positions = weights.table(POSITIONS, config.max_position_embeddings, hidden)?;
        let kind = weights
            .table(KINDS, config.type_vocab_size, hidden)?
            .row(0)?;
        let mut summed = Array2::zeros((folder.longest, hidden));
        for (index, mut row) in summed.rows_mut().into_iter().enumerate() {
            let position = Array1::from(positions.row(index)?);
            row.assign(&(position + ArrayView1::from(&kind)));
        }
        let layers =
            (0..config.num_hidden_layers).map(|number| Layer::open(config, weights, number));
        Ok(Self {
            words: weights.table(WORDS, config.vocab_size, hidden)?,
            positions: summed,
            embedded: Norm::open(config, weights, EMBEDDED)?,
            layers: layers.collect::<Result<_, _>>()?,
            heads: config.num_attention_heads,
            pooling: folder.pooling,
        })
    }

    /// The vectors of sentences, each of at least one token and at most as many as there are positions.
    pub(super) fn encode(&self, sentences: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, Error> {
        let mut places = Vec::with_capacity(sentences.len());
        let mut end = 0;
        for sentence in sentences {
            places.push(end..end + sentence.len());
            end += sentence.len();
        }
        let mut rows = Array2::zeros((end, self.positions.ncols()));
        for (sentence, place) in sentences.iter().zip(&places) {
            for (position, token) in sentence.iter().enumerate() {
                let word = Array1::from(self.words.row(*token as usize)?);
                let summed = word + self.positions.row(position);
                rows.row_mut(place.start + position).assign(&summed);
            }
        }
        self.embedded.apply(&mut rows);
        for layer in &self.layers {
            rows = layer.apply(rows, &places, self.heads);
        }
        let vectors = places.into_iter().map(|place| match self.pooling {
            Pooling::First => rows.row(place.start).to_vec(),
            Pooling::Mean => {
                let length = place.len() as f32;
                let sum = rows
                    .slice_axis(Axis(0), Slice::from(place))
                    .sum_axis(Axis(0));
                (sum / length).to_vec()
            }
        });
        Ok(vectors.collect())
    }
}

impl Layer {
    fn open(config: &Config, weights: &Weights, number: usize) -> Result<Self, Error> {
        let parts = linears(config.hidden_size, config.intermediate_size);
        let [query, key, value, attended, wide, narrow] = parts.map(|(name, inputs, outputs)| {
            Linear::open(weights, &of_layer(number, name), inputs, outputs)
        });
        let [after_attention, after_all] =
            NORMS.map(|name| Norm::open(config, weights, &of_layer(number, name)));
        Ok(Self {
            query: query?,
            key: key?,
            value: value?,
            attended: attended?,
            after_attention: after_attention?,
            wide: wide?,
            narrow: narrow?,
            after_all: after_all?,
        })
    }

    fn apply(&self, rows: Array2<f32>, sentences: &[Range<usize>], heads: usize) -> Array2<f32> {
        let mut seen = self.attended.apply(&self.attend(&rows, sentences, heads));
        seen += &rows;
        self.after_attention.apply(&mut seen);
        let mut wide = self.wide.apply(&seen);
        wide.mapv_inplace(gelu);
        let mut all = self.narrow.apply(&wide);
        all += &seen;
        self.after_all.apply(&mut all);
        all
    }

    /// What each token takes from those of its sentence.
    fn attend(&self, rows: &Array2<f32>, sentences: &[Range<usize>], heads: usize) -> Array2<f32> {
        let mut query = self.query.apply(rows);
        let (key, value) = (self.key.apply(rows), self.value.apply(rows));
        let width = rows.ncols() / heads;
        query /= (width as f32).sqrt();
        let mut taken = Array2::zeros(rows.dim());
        for sentence in sentences {
            for head in 0..heads {
                let columns = head * width..(head + 1) * width;
                let of = |all| part(all, sentence, &columns);
                let mut shares = of(&query).dot(&of(&key).t());
                for mut row in shares.rows_mut() {
                    let most = row.fold(f32::NEG_INFINITY, |most, one| most.max(*one));
                    row.mapv_inplace(|one| (one - most).exp());
                    let sum = row.sum();
                    row /= sum;
                }
                let mut own = taken.slice_axis_mut(Axis(0), Slice::from(sentence.clone()));
                own.slice_axis_mut(Axis(1), Slice::from(columns.clone()))
                    .assign(&shares.dot(&of(&value)));
            }
        }
        taken
    }
}

impl Linear {
    fn open(weights: &Weights, name: &str, inputs: usize, outputs: usize) -> Result<Self, Error> {
        Ok(Self {
            weights: weights.matrix(&format!("{name}.weight"), inputs, outputs)?,
            bias: weights.vector(&format!("{name}.bias"), outputs)?,
        })
    }

    fn apply(&self, rows: &Array2<f32>) -> Array2<f32> {
        rows.dot(&self.weights) + &self.bias
    }
}

impl Norm {
    fn open(config: &Config, weights: &Weights, name: &str) -> Result<Self, Error> {
        Ok(Self {
            weights: weights.vector(&format!("{name}.weight"), config.hidden_size)?,
            bias: weights.vector(&format!("{name}.bias"), config.hidden_size)?,
            epsilon: config.layer_norm_eps,
        })
    }

    fn apply(&self, rows: &mut Array2<f32>) {
        let width = rows.ncols() as f32;
        for mut row in rows.rows_mut() {
            let mean = row.sum() / width;
            row -= mean;
            let variance = row.fold(0.0, |sum, one| sum + one * one) / width;
            row /= (variance + self.epsilon).sqrt();
            row *= &self.weights;
            row += &self.bias;
        }
    }
}

fn part<'a>(
    all: &'a Array2<f32>,
    rows: &Range<usize>,
    columns: &Range<usize>,
) -> ArrayView2<'a, f32> {
    let mut part = all.view();
    part.slice_axis_inplace(Axis(0), Slice::from(rows.clone()));
    part.slice_axis_inplace(Axis(1), Slice::from(columns.clone()));
    part
}

fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + libm::erff(x * std::f32::consts::FRAC_1_SQRT_2))
}
