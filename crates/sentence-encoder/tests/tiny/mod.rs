//! A BERT with a handful of words, written as sentence-transformers do. Other tests include this file, too.

use std::{fs, path::Path};

use serde_json::{Map, Value, json};

pub(crate) const HIDDEN: usize = 8;
const WIDE: usize = 16;
const LAYERS: usize = 2;
const POSITIONS: usize = 12;
/// In front of the words.
const SPECIAL: [&str; 4] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];

/// Writes one that knows these words, of which every number is `number(tensor, index)`.
pub(crate) fn write(folder: &Path, words: &[&str], number: impl Fn(&str, usize) -> f32) {
    let vocabulary = SPECIAL.iter().chain(words).enumerate();
    let vocabulary: Map<String, Value> = vocabulary
        .map(|(index, word)| ((*word).to_owned(), json!(index)))
        .collect();
    let config = json!({
        "model_type": "bert",
        "hidden_act": "gelu",
        "vocab_size": vocabulary.len(),
        "hidden_size": HIDDEN,
        "intermediate_size": WIDE,
        "num_attention_heads": 2,
        "num_hidden_layers": LAYERS,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12
    });
    let special = |id: usize| json!({"id": SPECIAL[id], "ids": [id], "tokens": [SPECIAL[id]]});
    let added = (0..SPECIAL.len()).map(|id| {
        json!({"id": id, "content": SPECIAL[id], "special": true, "single_word": false,
               "lstrip": false, "rstrip": false, "normalized": false})
    });
    let piece = |id: usize| json!({"SpecialToken": {"id": SPECIAL[id], "type_id": 0}});
    let sentence = json!({"Sequence": {"id": "A", "type_id": 0}});
    let tokenizer = json!({
        "version": "1.0",
        "truncation": {"max_length": 128, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 128}, "direction": "Right", "pad_to_multiple_of": null,
                    "pad_id": 0, "pad_type_id": 0, "pad_token": SPECIAL[0]},
        "added_tokens": added.collect::<Vec<_>>(),
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                       "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [piece(2), sentence, piece(3)],
            "pair": [],
            "special_tokens": {SPECIAL[2]: special(2), SPECIAL[3]: special(3)}
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
        "model": {"type": "WordPiece", "unk_token": SPECIAL[1], "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": vocabulary}
    });
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("config.json"), config.to_string()).unwrap();
    fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let weights = weights(SPECIAL.len() + words.len(), number);
    fs::write(folder.join("model.safetensors"), weights).unwrap();
}

/// In the format of safetensors: the length of a table of contents, that, and the numbers.
fn weights(vocabulary: usize, number: impl Fn(&str, usize) -> f32) -> Vec<u8> {
    let (mut contents, mut numbers) = (Map::new(), Vec::new());
    for (name, shape) in tensors(vocabulary) {
        let begin = numbers.len();
        for index in 0..shape.iter().product() {
            numbers.extend(number(&name, index).to_le_bytes());
        }
        let entry = json!({"dtype": "F32", "shape": shape, "data_offsets": [begin, numbers.len()]});
        contents.insert(name, entry);
    }
    let contents = Value::from(contents).to_string();
    let length = u64::try_from(contents.len()).unwrap();
    [&length.to_le_bytes(), contents.as_bytes(), &numbers].concat()
}

fn tensors(vocabulary: usize) -> Vec<(String, Vec<usize>)> {
    let mut tensors = vec![
        (
            "embeddings.word_embeddings.weight".to_owned(),
            vec![vocabulary, HIDDEN],
        ),
        (
            "embeddings.position_embeddings.weight".to_owned(),
            vec![POSITIONS, HIDDEN],
        ),
        (
            "embeddings.token_type_embeddings.weight".to_owned(),
            vec![2, HIDDEN],
        ),
    ];
    let mut linear = |name: String, weight: Vec<usize>| {
        tensors.push((format!("{name}.bias"), vec![weight[0]]));
        tensors.push((format!("{name}.weight"), weight));
    };
    linear("embeddings.LayerNorm".to_owned(), vec![HIDDEN]);
    for layer in 0..LAYERS {
        for (name, shape) in [
            ("attention.self.query", vec![HIDDEN, HIDDEN]),
            ("attention.self.key", vec![HIDDEN, HIDDEN]),
            ("attention.self.value", vec![HIDDEN, HIDDEN]),
            ("attention.output.dense", vec![HIDDEN, HIDDEN]),
            ("attention.output.LayerNorm", vec![HIDDEN]),
            ("intermediate.dense", vec![WIDE, HIDDEN]),
            ("output.dense", vec![HIDDEN, WIDE]),
            ("output.LayerNorm", vec![HIDDEN]),
        ] {
            linear(format!("encoder.layer.{layer}.{name}"), shape);
        }
    }
    tensors
}
