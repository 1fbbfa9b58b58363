//! Syslog (RFC 5424): over TLS (RFC 5425) or TCP with the length in front of each message (RFC 6587), over UDP
//! (RFC 5426), or into the socket of this machine.
//!
//! INVARIANT: without TLS nothing leaves this machine: lines hold what people work on.
//!
//! None of these answers. Over a stream the receiver is waited for until it has closed its side, so that one that
//! breaks off is mostly seen; over UDP, anything may be lost without a sign. Whoever must know takes one of the sinks
//! that answer.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use super::super::line::AuditLine;
use super::super::spool::Spooled;
use super::{SinkError, Wrong, tls};
use crate::http::is_own;

/// Facility 13, log audit, and severity 6, informational.
const PRIORITY: u8 = 13 * 8 + 6;

/// The name of the structured data. The number is that of examples (RFC 5612): this program has none of its own.
const DATA: &str = "bylaws@32473";

/// Longest time until a connection stands and until bytes go.
const LONGEST: Duration = Duration::from_secs(10);

/// Longest time until the receiver closes its side. Some never do.
const LONGEST_END: Duration = Duration::from_secs(3);

/// Most reads of what a receiver says, which no protocol here gives it anything to say.
const MOST_READS: usize = 16;

/// Longest message over UDP, in bytes: longer ones are refused by the system.
const LONGEST_DATAGRAM: usize = 60_000;

/// A syslog.
pub(super) struct Syslog {
    way: Way,
    /// `HOST:PORT`, or a path.
    place: String,
    /// The host, without the brackets of an address.
    host: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Tls,
    Tcp,
    Udp,
    Unix,
}

impl Syslog {
    /// Reads `tls://HOST:PORT`, `tcp://HOST:PORT`, `udp://HOST:PORT`, `unix:///PATH`.
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let (way, place) = text.split_once("://").ok_or(Wrong::Unknown)?;
        let way = match way {
            "tls" => Way::Tls,
            "tcp" => Way::Tcp,
            "udp" => Way::Udp,
            "unix" if cfg!(unix) => Way::Unix,
            _ => return Err(Wrong::Unknown),
        };
        if way == Way::Unix {
            let fits =
                place.starts_with('/').then(|| Self { way, place: place.to_owned(), host: String::new() });
            return fits.ok_or(Wrong::Unknown);
        }
        let (host, port) = place.rsplit_once(':').ok_or(Wrong::Unknown)?;
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(Wrong::Unknown);
        }
        if host.contains('@') {
            return Err(Wrong::Credential);
        }
        if way != Way::Tls && !is_own(host) {
            return Err(Wrong::NotEncrypted);
        }
        let host = host.trim_matches(['[', ']']).to_owned();
        if way == Way::Tls && !tls::is_name(&host) {
            return Err(Wrong::Unknown);
        }
        Ok(Self { way, place: place.to_owned(), host })
    }

    pub(super) fn send(&self, batch: &[Spooled]) -> Result<(), SinkError> {
        match self.way {
            Way::Tls => {
                let mut stream = tls::start(&self.host, self.connect()?)?;
                send_stream(&mut stream, batch)?;
                tls::end(&mut stream)?;
                await_end(&mut stream)
            }
            Way::Tcp => {
                let mut stream = self.connect()?;
                send_stream(&mut stream, batch)?;
                stream.shutdown(Shutdown::Write).map_err(SinkError::failed)?;
                await_end(&mut stream)
            }
            Way::Udp => self.send_datagrams(batch),
            Way::Unix => self.send_local(batch),
        }
    }

    fn connect(&self) -> Result<TcpStream, SinkError> {
        let addresses = self.place.to_socket_addrs().map_err(SinkError::failed)?;
        let mut failure = SinkError::failed("it has no address");
        for address in addresses {
            match TcpStream::connect_timeout(&address, LONGEST) {
                Ok(stream) => {
                    stream.set_write_timeout(Some(LONGEST)).map_err(SinkError::failed)?;
                    stream.set_read_timeout(Some(LONGEST_END)).map_err(SinkError::failed)?;
                    return Ok(stream);
                }
                Err(error) => failure = SinkError::failed(error),
            }
        }
        Err(failure)
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

fn send_stream(stream: &mut impl Write, batch: &[Spooled]) -> Result<(), SinkError> {
    let mut bytes = Vec::new();
    for spooled in batch {
        let message = message(spooled);
        bytes.extend_from_slice(format!("{} ", message.len()).as_bytes());
        bytes.extend_from_slice(message.as_bytes());
    }
    stream.write_all(&bytes).and_then(|()| stream.flush()).map_err(SinkError::failed)
}

/// Waits until the receiver closes its side. One that broke off before it had read everything, or does not let this
/// machine in, shows it here.
fn await_end(stream: &mut impl Read) -> Result<(), SinkError> {
    let mut buffer = [0; 1024];
    for _ in 0..MOST_READS {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) => {
                return match error.kind() {
                    ErrorKind::Interrupted => continue,
                    // It leaves its side open, or closes it without the farewell of TLS: both are usual.
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::UnexpectedEof => Ok(()),
                    _ => Err(SinkError::failed(error)),
                };
            }
        }
    }
    Ok(())
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
