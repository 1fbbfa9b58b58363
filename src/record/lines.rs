//! Lines of a stream, each borrowed from one buffer.
//!
//! INVARIANT: the buffer never grows beyond the longest line that is read.

use std::io::{self, Read};

/// Longest line that is read, in bytes. What a tool wrote stands in one line with its result.
const LONGEST: usize = 64 * 1024 * 1024;

/// Bytes that are read at once.
const CHUNK: usize = 1024 * 1024;

/// Lines of a stream.
pub struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    longest: usize,
    /// Whether the rest of a line is passed over.
    skips: bool,
}

/// What was taken from a stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken<'a> {
    /// A line without its end.
    Line(&'a [u8]),
    /// A line that is too long to be read; it was passed over.
    TooLong,
}

impl<R: Read> Lines<R> {
    /// The lines of a stream.
    pub fn new(input: R) -> Self {
        Self { input, buffer: Vec::new(), start: 0, end: 0, longest: LONGEST, skips: false }
    }

    /// The next line; none at the end. The last one needs no end of its own.
    #[expect(clippy::should_implement_trait, reason = "a line is borrowed until the next one is taken")]
    pub fn next(&mut self) -> io::Result<Option<Taken<'_>>> {
        let mut looked = 0;
        loop {
            let open = self.buffer.get(self.start..self.end).unwrap_or_default();
            if let Some(at) = memchr::memchr(b'\n', open.get(looked..).unwrap_or_default()) {
                let from = self.start;
                let to = from + looked + at;
                self.start = to + 1;
                if std::mem::take(&mut self.skips) {
                    return Ok(Some(Taken::TooLong));
                }
                return Ok(self.buffer.get(from..to).map(Taken::Line));
            }
            looked = open.len();
            if looked >= self.longest {
                self.skips = true;
            }
            if self.skips {
                self.start = self.end;
                looked = 0;
            }
            if !self.fill()? {
                let (from, to) = (self.start, self.end);
                self.start = to;
                if std::mem::take(&mut self.skips) {
                    return Ok(Some(Taken::TooLong));
                }
                return Ok(self.buffer.get(from..to).filter(|line| !line.is_empty()).map(Taken::Line));
            }
        }
    }

    /// Reads on; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() < self.end + CHUNK {
            self.buffer.resize(self.end + CHUNK, 0);
        }
        loop {
            match self.input.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(read) => {
                    self.end += read;
                    return Ok(read > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], longest: usize) -> Vec<String> {
        let mut lines = Lines { longest, ..Lines::new(text) };
        let mut found = Vec::new();
        while let Some(taken) = lines.next().unwrap() {
            found.push(match taken {
                Taken::Line(line) => String::from_utf8_lossy(line).into_owned(),
                Taken::TooLong => "…".to_owned(),
            });
        }
        found
    }

    #[test]
    fn every_line_is_taken_once() {
        assert_eq!(lines(b"a\n\nb\r\nc", 10), ["a", "", "b\r", "c"]);
        assert_eq!(lines(b"a\n", 10), ["a"]);
        assert!(lines(b"", 10).is_empty());
    }

    #[test]
    fn a_line_that_is_too_long_is_told_and_the_next_one_read() {
        let long = "x".repeat(3 * CHUNK);
        assert_eq!(lines(format!("a\n{long}\nb\n{long}").as_bytes(), CHUNK), ["a", "…", "b", "…"]);
        assert_eq!(lines(format!("{long}\nb").as_bytes(), 4 * CHUNK), [long.as_str(), "b"]);
    }
}
