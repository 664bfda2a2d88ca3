//! Free loopback ports.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket},
    process,
    sync::{
        Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use crate::Result;

/// Below the range from which Linux takes the ports of outgoing connections, so that none of
/// those can take a port between our choice and its use.
const FIRST: u16 = 15_000;
const COUNT: u16 = 16_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// What this process was given, for as long as it lives. Whoever has the UDP port was given the TCP
/// port of that number, so that no other process is while what is to listen there is starting.
static OURS: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());

/// A port that nobody listens on now, and that no process has been given that still lives.
///
/// # Errors
/// Where there is none left.
pub fn free() -> Result<u16> {
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        // Processes that run side by side begin at different places.
        let begin = u16::try_from(process::id().wrapping_mul(97) % u32::from(COUNT))?;
        let port = FIRST + begin.wrapping_add(step) % COUNT;
        if let Some(given) = give(port) {
            OURS.lock().map_err(|error| error.to_string())?.push(given);
            return Ok(port);
        }
    }
    Err("no free port between 15000 and 31000".into())
}

/// The right to a port, where nobody has it or listens there.
fn give(port: u16) -> Option<UdpSocket> {
    let given = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
    drop(listener);
    Some(given)
}

/// Whether somebody listens on a loopback port.
#[must_use]
pub fn answers(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Whether a service on a loopback port says that it wants traffic.
#[must_use]
pub fn is_ready(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.split(' ').nth(1) == Some("200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Whether one can listen on a port that was given is not asked here: the machine is not ours
    // alone, and anybody may take it at that moment.

    #[test]
    fn what_one_is_given_no_other_is() {
        let (one, other) = (free().unwrap(), free().unwrap());
        assert_ne!(one, other);
        for port in [one, other] {
            assert!(give(port).is_none());
        }
    }

    #[test]
    fn a_port_where_somebody_listens_is_given_to_nobody() {
        let somebody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = somebody.local_addr().unwrap().port();
        assert!(give(port).is_none());
    }
}
