//! How cost grows: each curve measured at several points, as tables and pictures.
//!
//! A curve stands in a file of its own. With `--write` its tables go into the marked part of a
//! document that bears its name; what stands around that is written by hand.

mod answers;
mod connections;
mod conversations;
mod document;
mod gateways;
mod log;
mod paper;
mod people;
mod picture;
mod speech;
mod table;

use std::{future::Future, path::Path, pin::Pin};

use anyhow::Context as _;

use self::table::Table;
use crate::{Effort, Only, lab::Lab, report::say};

type Measuring<'a> = Pin<Box<dyn Future<Output = anyhow::Result<Vec<Table>>> + 'a>>;

/// A curve and how to measure it.
pub(crate) struct Curve {
    pub(crate) name: &'static str,
    measure: for<'a> fn(&'a mut Lab, &'a Effort) -> Measuring<'a>,
}

macro_rules! curves {
    ($($module:ident),+ $(,)?) => {
        &[$(Curve {
            name: stringify!($module),
            measure: |lab, effort| Box::pin($module::measure(lab, effort)),
        }),+]
    };
}

pub(crate) const CURVES: &[Curve] =
    curves![answers, conversations, connections, people, gateways, log];

/// Measures the curves that are asked for, and writes them where there is a document to write to.
pub(crate) async fn measure(
    lab: &mut Lab,
    effort: &Effort,
    only: &Only,
    document: Option<&Path>,
) -> anyhow::Result<()> {
    let mut measured = Vec::new();
    for curve in CURVES {
        if !only.takes(curve.name) {
            continue;
        }
        say(&format!("{} ...", curve.name));
        let tables = (curve.measure)(lab, effort).await;
        let tables =
            tables.with_context(|| format!("the curve {:?} was not measured", curve.name))?;
        for table in &tables {
            say(&format!("{}\n", table.markdown()));
        }
        if let Some(file) = document {
            document::write(file, curve.name, &tables)?;
        }
        measured.extend(tables);
    }
    if let Some(paper) = paper::reckon(&measured) {
        say(&paper);
        if let Some(file) = document {
            document::fill(file, "paper", &paper)?;
        }
    }
    Ok(())
}
