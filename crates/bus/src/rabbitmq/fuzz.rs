//! What a broker says of a message that died, of a fuzzer's making: a line for each header, of its
//! kind, its name and its value; `d` before it: in the broker's account.

use lapin::{
    BasicProperties,
    types::{AMQPValue, FieldArray, FieldTable, LongString},
};

use super::message;

/// Reads it: whatever stands there, there is an answer.
#[doc(hidden)]
pub fn fuzz_death(bytes: &[u8]) {
    let (mut headers, mut account) = (FieldTable::default(), FieldTable::default());
    for line in bytes.split(|byte| *byte == b'\n') {
        let (table, line) = match line {
            [b'd', line @ ..] => (&mut account, line),
            line => (&mut headers, line),
        };
        let mut words = line.splitn(3, |byte| *byte == b' ');
        let (Some(kind), Some(name)) = (words.next(), words.next()) else {
            continue;
        };
        let name = String::from_utf8_lossy(&name[..name.len().min(64)]).into_owned();
        let value = value(kind, words.next().unwrap_or_default());
        if name.len() <= 255 {
            table.insert(name.into(), value);
        }
    }
    let account = FieldArray::from(vec![AMQPValue::FieldTable(account)]);
    if !headers.contains_key("x-death") {
        headers.insert("x-death".into(), AMQPValue::FieldArray(account));
    }
    let properties = BasicProperties::default().with_headers(headers);
    drop((message::death(&properties), message::trace(&properties)));
    message::kept(&properties);
    message::id(&properties);
}

fn value(kind: &[u8], value: &[u8]) -> AMQPValue {
    let mut number = [0; 8];
    for (digit, byte) in number.iter_mut().zip(value) {
        *digit = *byte;
    }
    match kind {
        b"t" => AMQPValue::Timestamp(u64::from_be_bytes(number)),
        b"i" => AMQPValue::LongLongInt(i64::from_be_bytes(number)),
        b"b" => AMQPValue::Boolean(number[0] != 0),
        b"v" => AMQPValue::Void,
        b"a" => AMQPValue::FieldArray(FieldArray::default()),
        b"f" => AMQPValue::FieldTable(FieldTable::default()),
        _ => AMQPValue::LongString(LongString::from(value.to_vec())),
    }
}
