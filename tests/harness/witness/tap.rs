//! Messages out of the bytes that pass: WebSocket texts, and server-sent events.

use std::io::Cursor;

use tokio_tungstenite::tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Data, OpCode},
};

/// One direction of a WebSocket.
#[derive(Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    /// The beginning of a text in several frames.
    begun: Vec<u8>,
    in_text: bool,
}

impl Texts {
    /// The texts that these bytes complete.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        self.bytes.extend_from_slice(bytes);
        let mut texts = Vec::new();
        while let Some((header, payload)) = self.frame() {
            match header.opcode {
                OpCode::Data(Data::Text) => self.in_text = true,
                OpCode::Data(Data::Binary) => self.in_text = false,
                OpCode::Data(_) => {}
                OpCode::Control(_) => continue,
            }
            if self.in_text {
                self.begun.extend(payload);
            }
            if header.is_final {
                let text = std::mem::take(&mut self.begun);
                if std::mem::take(&mut self.in_text) {
                    texts.push(String::from_utf8_lossy(&text).into_owned());
                }
            }
        }
        texts
    }

    fn frame(&mut self) -> Option<(FrameHeader, Vec<u8>)> {
        let mut cursor = Cursor::new(&self.bytes);
        let (header, length) = FrameHeader::parse(&mut cursor).ok()??;
        let begin = usize::try_from(cursor.position()).ok()?;
        let end = begin.checked_add(usize::try_from(length).ok()?)?;
        let mut payload = self.bytes.get(begin..end)?.to_vec();
        if let Some(mask) = header.mask {
            for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
                *byte ^= mask;
            }
        }
        self.bytes.drain(..end);
        Some((header, payload))
    }
}

/// An event stream.
#[derive(Default)]
pub(super) struct Events {
    bytes: Vec<u8>,
}

/// One server-sent event with data.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Event {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) data: String,
}

impl Events {
    /// The events that these bytes complete, or what is wrong with them. Our server writes less
    /// than the standard allows: line feeds alone, a space after the colon, one line of data.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Event>, String> {
        self.bytes.extend_from_slice(bytes);
        let mut events = Vec::new();
        while let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
            let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
            let block = std::str::from_utf8(&block[..end]).map_err(|error| error.to_string())?;
            events.extend(event(block)?);
        }
        Ok(events)
    }
}

fn event(block: &str) -> Result<Option<Event>, String> {
    let mut event = Event::default();
    if block.contains('\r') {
        return Err(format!("a carriage return in {block:?}"));
    }
    for line in block.split('\n') {
        match line.split_once(": ") {
            _ if line.starts_with(':') || line.starts_with("retry: ") => {}
            Some(("id", id)) => event.id = Some(id.to_owned()),
            Some(("event", name)) => event.name = Some(name.to_owned()),
            Some(("data", data)) if event.data.is_empty() => data.clone_into(&mut event.data),
            _ => return Err(format!("not a line of an event stream: {line:?}")),
        }
    }
    Ok((!event.data.is_empty()).then_some(event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_whole_however_the_bytes_are_cut() {
        let mut bytes = vec![0x81, 0x02, b'h', b'i'];
        // A ping between the halves of a masked text.
        bytes.extend([0x01, 0x81, 1, 2, 3, 4, b'a' ^ 1]);
        bytes.extend([0x89, 0x00]);
        bytes.extend([0x80, 0x81, 0, 0, 0, 0, b'b']);
        // A binary message.
        bytes.extend([0x82, 0x01, 0xff]);
        for size in 1..bytes.len() {
            let mut texts = Texts::default();
            let found: Vec<_> = bytes
                .chunks(size)
                .flat_map(|chunk| texts.take(chunk))
                .collect();
            assert_eq!(found, ["hi", "ab"]);
        }
    }

    #[test]
    fn events_come_whole_and_odd_lines_are_faults() {
        let text = "retry: 5\n\nid: 7\nevent: pong\ndata: {}\n\n:\n\n";
        for size in 1..text.len() {
            let mut events = Events::default();
            let chunks = text.as_bytes().chunks(size);
            let found: Vec<_> = chunks
                .flat_map(|chunk| events.take(chunk).unwrap())
                .collect();
            let expected = Event {
                id: Some("7".into()),
                name: Some("pong".into()),
                data: "{}".into(),
            };
            assert_eq!(found, [expected]);
        }
        for odd in [
            "data:{}\n\n",
            "data: a\ndata: b\n\n",
            "x: y\n\n",
            "id: 1\r\ndata: {}\r\n\n",
        ] {
            assert!(Events::default().take(odd.as_bytes()).is_err(), "{odd:?}");
        }
    }
}
