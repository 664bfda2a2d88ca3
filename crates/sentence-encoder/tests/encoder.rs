//! What an encoder makes of sentences, and what it says of a folder that is none.

#![expect(clippy::unwrap_used, reason = "tests say so when something is wrong")]

mod tiny;

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use convene_sentence_encoder::{Error, SentenceEncoder, check};
use tempfile::TempDir;

const WORDS: [&str; 6] = ["where", "is", "my", "par", "##cel", "?"];

/// Between -0.5 and 0.5, and another in each place of each tensor.
fn number(name: &str, index: usize) -> f32 {
    let salt = name
        .bytes()
        .fold(7_usize, |salt, byte| (salt * 31 + usize::from(byte)) % 9973);
    let drawn = (index * 7919 + salt * 104_729) % 2001;
    f32::from(u16::try_from(drawn).unwrap()) / 2000.0 - 0.5
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    tiny::write(folder.path(), &WORDS, number);
    folder
}

fn encoder() -> SentenceEncoder {
    SentenceEncoder::open(folder().path()).unwrap()
}

fn assert_near(one: &[f32], other: &[f32]) {
    assert_eq!(one.len(), other.len());
    let is_near = |(a, b): (&f32, &f32)| (a - b).abs() < 2e-5;
    assert!(one.iter().zip(other).all(is_near), "{one:?} {other:?}");
}

/// The vectors are those of another implementation, in Python with numpy, of the same numbers.
#[test]
fn a_sentence_is_computed_as_bert_does() {
    let vectors = [
        (
            "Where is my parcel?",
            [
                0.808644, -0.285363, 0.479634, -0.027445, -0.212935, -0.034801, -0.280438,
                -0.477812,
            ],
        ),
        (
            "pár strange",
            [
                0.816310, -0.263593, 0.473474, -0.037956, -0.209473, -0.032239, -0.287029,
                -0.479575,
            ],
        ),
        (
            "",
            [
                0.811173, -0.272379, 0.476840, -0.033327, -0.209991, -0.033591, -0.283292,
                -0.479850,
            ],
        ),
    ];
    let encoder = encoder();
    for (sentence, expected) in vectors {
        assert_near(&encoder.encode(sentence).unwrap(), &expected);
    }
}

#[test]
fn with_the_first_token_alone_it_is_another() {
    let folder = folder();
    let mean = SentenceEncoder::open(folder.path()).unwrap();
    fs::create_dir(folder.path().join("1_Pooling")).unwrap();
    let pooling = r#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#;
    fs::write(folder.path().join("1_Pooling/config.json"), pooling).unwrap();
    let first = SentenceEncoder::open(folder.path()).unwrap();
    assert_ne!(first.identity(), mean.identity());
    assert_near(
        &first.encode("where is my parcel?").unwrap(),
        &[
            0.822171, -0.236511, 0.464538, -0.051462, -0.203977, -0.029794, -0.287299, -0.486172,
        ],
    );
}

#[test]
fn what_pools_in_two_ways_or_in_another_is_refused() {
    let folder = folder();
    fs::create_dir(folder.path().join("1_Pooling")).unwrap();
    for (modes, said) in [
        (
            r#"{"word_embedding_dimension": 8, "pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": true}"#,
            "of `max_tokens` and `mean_tokens`, and only",
        ),
        (
            r#"{"pooling_mode_mean_tokens": false, "pooling_mode_lasttoken": true}"#,
            "of `lasttoken`,",
        ),
        ("{}", "of nothing,"),
    ] {
        fs::write(folder.path().join("1_Pooling/config.json"), modes).unwrap();
        let refused = check(folder.path()).unwrap_err().to_string();
        assert!(refused.contains(said), "{refused}");
    }
}

#[test]
fn a_sentence_has_the_same_vector_alone_and_among_others_of_any_length() {
    let encoder = encoder();
    let long = "where is my parcel ? ".repeat(30);
    let sentences: Vec<&str> = (0..300)
        .map(|number| match number % 4 {
            0 => "where is my parcel?",
            1 => long.as_str(),
            2 => "",
            _ => "my parcel is where",
        })
        .collect();
    let makes_way = AtomicUsize::new(0);
    let between = || {
        makes_way.fetch_add(1, SeqCst);
    };
    let all = encoder.encode_all(&sentences, between).unwrap();
    assert!(makes_way.into_inner() > 5);
    assert_eq!(all.len(), sentences.len());
    for (sentence, vector) in sentences.iter().zip(&all) {
        assert_near(vector, &encoder.encode(sentence).unwrap());
    }
    assert!(encoder.encode_all(&[], || ()).unwrap().is_empty());
}

#[test]
fn what_looks_like_a_token_of_the_models_own_is_text() {
    let encoder = encoder();
    let twice = encoder.encode("[SEP]").unwrap();
    assert_ne!(twice, encoder.encode("").unwrap());
    // A bracket, a strange word, a bracket.
    assert_near(&twice, &encoder.encode("strange strange strange").unwrap());
}

#[test]
fn another_number_is_another_encoder_and_a_copy_is_not() {
    let (one, copy) = (folder(), folder());
    let identity = |folder: &Path| SentenceEncoder::open(folder).unwrap().identity().to_owned();
    assert_eq!(identity(one.path()), identity(copy.path()));
    let file = copy.path().join("model.safetensors");
    let mut bytes = fs::read(&file).unwrap();
    let last = bytes.len() - 4;
    bytes[last] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_ne!(identity(one.path()), identity(copy.path()));
}

#[test]
fn what_is_no_encoder_is_refused_with_its_reason() {
    let changed = |from: &str, to: &str| {
        let folder = folder();
        let file = folder.path().join("config.json");
        let config = fs::read_to_string(&file).unwrap();
        assert!(config.contains(from), "{config}");
        fs::write(&file, config.replace(from, to)).unwrap();
        check(folder.path()).unwrap_err().to_string()
    };
    for (from, to, reason) in [
        (
            r#""bert""#,
            r#""mpnet""#,
            "`model_type` is `mpnet`, and only `bert` is known",
        ),
        (r#""gelu""#, r#""relu""#, "`hidden_act` is `relu`"),
        (
            r#""hidden_size":8"#,
            r#""hidden_size":6"#,
            "has the shape [10, 8], and config.json says [10, 6]",
        ),
        (
            r#""num_hidden_layers":2"#,
            r#""num_hidden_layers":3"#,
            "there is no `encoder.layer.2.",
        ),
        (
            r#""num_attention_heads":2"#,
            r#""num_attention_heads":3"#,
            "must be a multiple",
        ),
        (r#""hidden_size":8,"#, "", "missing field `hidden_size`"),
    ] {
        let refused = changed(from, to);
        assert!(refused.contains(reason), "{refused}");
    }

    let folder = folder();
    let weights = folder.path().join("model.safetensors");
    let bytes = fs::read(&weights).unwrap();
    for (bytes, reason) in [
        (
            &bytes[..bytes.len() - 1],
            "it is longer or shorter than it says",
        ),
        (
            &b"\xff\xff\xff\xff\xff\xff\xff\xff"[..],
            "it is no safetensors file",
        ),
        (&b"\x02\0\0\0\0\0\0\0{"[..], "it is no safetensors file"),
        (&b""[..], "cannot be read"),
    ] {
        fs::write(&weights, bytes).unwrap();
        let refused = check(folder.path()).unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
    }
    fs::remove_file(&weights).unwrap();
    let refused = check(folder.path());
    assert!(
        matches!(refused, Err(Error::Unreadable { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_model_with_a_further_part_is_refused() {
    let folder = folder();
    let modules = r#"[{"type": "sentence_transformers.models.Transformer"},
                      {"type": "sentence_transformers.models.Dense"}]"#;
    fs::write(folder.path().join("modules.json"), modules).unwrap();
    let refused = check(folder.path()).unwrap_err().to_string();
    assert!(refused.contains("models.Dense"), "{refused}");
}

#[test]
fn a_tokenizer_that_is_none_or_anothers_is_refused() {
    let folder = folder();
    let file = folder.path().join("tokenizer.json");
    let tokenizer = fs::read_to_string(&file).unwrap();
    fs::write(&file, "{}").unwrap();
    let refused = SentenceEncoder::open(folder.path()).err().unwrap();
    assert!(refused.to_string().contains("post_processor"), "{refused}");
    // It knows a word more than the model.
    let larger = tokenizer.replace(r#""my":6"#, r#""my":60"#);
    assert_ne!(larger, tokenizer);
    fs::write(&file, larger).unwrap();
    let encoder = SentenceEncoder::open(folder.path()).unwrap();
    let refused = encoder.encode("my").unwrap_err();
    assert!(matches!(refused, Error::Untokenizable(_)), "{refused}");
}
