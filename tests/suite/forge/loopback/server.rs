//! A server for HTTP on loopback that does as a test says, and can fail in the ways that networks do.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// What goes out.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        let headers = vec![("content-type".into(), "application/json; charset=utf-8".into())];
        Self { status, headers, body: body.to_string() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// What goes wrong with one call.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// The forge answers this instead of doing what it was asked.
    Instead(Told),
    /// The connection ends before anything was done.
    Reset,
    /// It was done, and the answer gets lost.
    Lost,
    /// It was done, and a gateway answers something else.
    LostBehind(u16),
    /// It was delivered, and done, twice.
    Twice,
    /// The answer comes byte by byte.
    Slow,
}

pub(crate) type Answering = dyn Fn(&Asked) -> Told + Send + Sync;
/// Says what goes wrong with the call of a number.
pub(crate) type Failing = dyn Fn(usize, &Asked) -> Option<Fault> + Send + Sync;

/// A running server; it ends with the test.
pub(crate) struct Server {
    pub(crate) base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    failing: Arc<Mutex<Arc<Failing>>>,
}

impl Server {
    pub(crate) fn start(answering: impl Fn(&Asked) -> Told + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let never: Arc<Failing> = Arc::new(|_, _| None);
        let failing = Arc::new(Mutex::new(never));
        let answering: Arc<Answering> = Arc::new(answering);
        let (seen, faults) = (Arc::clone(&asked), Arc::clone(&failing));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answering, seen, faults) =
                    (Arc::clone(&answering), Arc::clone(&seen), Arc::clone(&faults));
                thread::spawn(move || serve(stream, &*answering, &seen, &faults));
            }
        });
        Self { base, asked, failing }
    }

    /// From now on, fails as `failing` says; calls are counted anew.
    pub(crate) fn fail(&self, failing: impl Fn(usize, &Asked) -> Option<Fault> + Send + Sync + 'static) {
        self.asked.lock().unwrap().clear();
        *self.failing.lock().unwrap() = Arc::new(failing);
    }

    /// The calls since the start, or since [`Server::fail`].
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// Answers the calls of one connection until it ends.
fn serve(
    stream: TcpStream,
    answering: &Answering,
    seen: &Mutex<Vec<Asked>>,
    faults: &Mutex<Arc<Failing>>,
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let asked = read(&mut reader)?;
        let number = {
            let mut seen = seen.lock().unwrap();
            seen.push(asked.clone());
            seen.len() - 1
        };
        let failing = Arc::clone(&faults.lock().unwrap());
        let told = match failing(number, &asked) {
            None => answering(&asked),
            Some(Fault::Instead(told)) => told,
            Some(Fault::Reset) => return None,
            Some(Fault::Lost) => {
                answering(&asked);
                return None;
            }
            Some(Fault::LostBehind(status)) => {
                answering(&asked);
                Told { status, headers: Vec::new(), body: "<html>bad gateway</html>".into() }
            }
            Some(Fault::Twice) => {
                answering(&asked);
                answering(&asked)
            }
            Some(Fault::Slow) => {
                let bytes = write(&answering(&asked));
                for byte in bytes {
                    stream.write_all(&[byte]).ok()?;
                    stream.flush().ok()?;
                }
                continue;
            }
        };
        stream.write_all(&write(&told)).ok()?;
    }
}

fn read(reader: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut asked = Asked { method, path, headers, body: String::new() };
    let length = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8(body).ok()?;
    Some(asked)
}

fn write(told: &Told) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {} .\r\ncontent-length: {}\r\n", told.status, told.body.len());
    for (name, value) in &told.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(&told.body);
    text.into_bytes()
}
