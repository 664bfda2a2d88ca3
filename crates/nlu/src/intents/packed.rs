//! Rows of small whole numbers as one run of bytes.

use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

use super::svm::LANES;

pub(super) fn serialize<S: Serializer>(rows: &[[i8; LANES]], to: S) -> Result<S::Ok, S::Error> {
    let bytes = rows
        .as_flattened()
        .iter()
        .map(|whole| whole.cast_unsigned());
    to.serialize_bytes(&bytes.collect::<Vec<u8>>())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<[i8; LANES]>, D::Error> {
    let bytes = Vec::<u8>::deserialize(from)?;
    let (rows, rest) = bytes.as_chunks::<LANES>();
    if rest.is_empty() {
        let rows = rows.iter().map(|row| row.map(u8::cast_signed));
        Ok(rows.collect())
    } else {
        Err(D::Error::custom("a row of weights is cut short"))
    }
}
