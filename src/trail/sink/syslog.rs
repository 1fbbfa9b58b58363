//! Syslog (RFC 5424): over TCP with the length in front of each message (RFC 6587), over UDP (RFC 5426), or into the
//! socket of this machine.
//!
//! None of these answers. Over TCP, what was handed over and not read by the time the connection broke is lost without
//! a sign; over UDP, anything may be. Whoever must know takes one of the sinks that answer.

use std::io::Write;
use std::net::{TcpStream, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use super::super::line::AuditLine;
use super::super::spool::Spooled;
use super::SinkError;

/// Facility 13, log audit, and severity 6, informational.
const PRIORITY: u8 = 13 * 8 + 6;

/// The name of the structured data. The number is that of examples (RFC 5612): this program has none of its own.
const DATA: &str = "bylaws@32473";

/// Longest time until a connection stands and until bytes go.
const LONGEST: Duration = Duration::from_secs(10);

/// Longest message over UDP, in bytes: longer ones are refused by the system.
const LONGEST_DATAGRAM: usize = 60_000;

/// A syslog.
pub(super) struct Syslog {
    way: Way,
    place: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Tcp,
    Udp,
    Unix,
}

impl Syslog {
    /// Reads `tcp://HOST:PORT`, `udp://HOST:PORT`, `unix:///PATH`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (way, place) = text.split_once("://")?;
        let way = match way {
            "tcp" => Way::Tcp,
            "udp" => Way::Udp,
            "unix" if cfg!(unix) => Way::Unix,
            _ => return None,
        };
        let fits = match way {
            Way::Unix => place.starts_with('/'),
            Way::Tcp | Way::Udp => place
                .rsplit_once(':')
                .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()),
        };
        fits.then(|| Self { way, place: place.to_owned() })
    }

    pub(super) fn send(&self, batch: &[Spooled]) -> Result<(), SinkError> {
        match self.way {
            Way::Tcp => self.send_stream(batch),
            Way::Udp => self.send_datagrams(batch),
            Way::Unix => self.send_local(batch),
        }
    }

    fn send_stream(&self, batch: &[Spooled]) -> Result<(), SinkError> {
        let addresses = self.place.to_socket_addrs().map_err(SinkError::failed)?;
        let mut stream = None;
        let mut failure = None;
        for address in addresses {
            match TcpStream::connect_timeout(&address, LONGEST) {
                Ok(connected) => {
                    stream = Some(connected);
                    break;
                }
                Err(error) => failure = Some(error),
            }
        }
        let Some(mut stream) = stream else {
            return Err(failure.map_or_else(|| SinkError::failed("it has no address"), SinkError::failed));
        };
        stream.set_write_timeout(Some(LONGEST)).map_err(SinkError::failed)?;
        let mut bytes = Vec::new();
        for spooled in batch {
            let message = message(spooled);
            bytes.extend_from_slice(format!("{} ", message.len()).as_bytes());
            bytes.extend_from_slice(message.as_bytes());
        }
        stream.write_all(&bytes).map_err(SinkError::failed)?;
        stream.shutdown(std::net::Shutdown::Write).map_err(SinkError::failed)
    }

    fn send_datagrams(&self, batch: &[Spooled]) -> Result<(), SinkError> {
        let address = self.place.to_socket_addrs().map_err(SinkError::failed)?.next();
        let address = address.ok_or_else(|| SinkError::failed("it has no address"))?;
        let from = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(from).map_err(SinkError::failed)?;
        for spooled in batch {
            let message = message(spooled);
            if message.len() > LONGEST_DATAGRAM {
                return Err(SinkError::Refused("the line is longer than a datagram".to_owned()));
            }
            socket.send_to(message.as_bytes(), address).map_err(SinkError::failed)?;
        }
        Ok(())
    }

    #[cfg(unix)]
    fn send_local(&self, batch: &[Spooled]) -> Result<(), SinkError> {
        use std::os::unix::net::UnixDatagram;
        let socket = UnixDatagram::unbound().map_err(SinkError::failed)?;
        socket.set_write_timeout(Some(LONGEST)).map_err(SinkError::failed)?;
        for spooled in batch {
            socket.send_to(message(spooled).as_bytes(), &self.place).map_err(SinkError::failed)?;
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn send_local(&self, _: &[Spooled]) -> Result<(), SinkError> {
        Err(SinkError::failed("this system has no such sockets"))
    }
}

/// The line as a message of syslog: the head of RFC 5424, what tells lines apart as structured data, and the line itself.
fn message(spooled: &Spooled) -> String {
    let AuditLine { id, sequence, time, host, event, .. } = &spooled.line;
    let host = header(host.as_deref().unwrap_or_default(), 255);
    let event = header(event, 32);
    // With letters beyond ASCII in it, the message is to begin with a mark of its encoding.
    let mark = if spooled.text.is_ascii() { "" } else { "\u{feff}" };
    format!(
        "<{PRIORITY}>1 {time} {host} bylaws - {event} [{DATA} id=\"{id}\" sequence=\"{sequence}\"] {mark}{}",
        spooled.text
    )
}

/// A text as it may stand in the head: printable ASCII, not too long, `-` for nothing.
fn header(text: &str, most: usize) -> String {
    let text: String = text.chars().filter(char::is_ascii_graphic).take(most).collect();
    if text.is_empty() { "-".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Sent;
    use crate::trail::Host;

    #[test]
    fn a_message_has_the_head_that_the_standard_asks_for() {
        let host = Host { host: Some("my host\u{e9}".into()), ..Host::default() };
        let sent = Sent { event: "PostToolUse".into(), ..Sent::default() };
        let line = AuditLine::of(Some(&sent), &host, "ab".into(), "2026-12-01T00:00:00.123Z".into());
        let text = line.text().trim_end().to_owned();
        let message = message(&Spooled { line, text: text.clone() });
        let head = "<110>1 2026-12-01T00:00:00.123Z myhost bylaws - PostToolUse [bylaws@32473 id=\"ab\" sequence=\"0\"] \u{feff}";
        assert_eq!(message, format!("{head}{text}"));
    }
}
