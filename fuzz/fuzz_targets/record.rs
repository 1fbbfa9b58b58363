//! Bytes of any kind as a record.

#![no_main]

use bylaws::record::{Became, Lines, Listener, Reader, Recorded, Taken};
use libfuzzer_sys::fuzz_target;

struct Nobody;

impl Listener for Nobody {
    fn call(&mut self, call: &Recorded<'_>) {
        let _ = call.input.to_map();
    }
    fn became(&mut self, _: &str, _: Became) {}
    fn mode(&mut self, _: Option<&str>, _: &str) {}
    fn awaits(&self, _: &str) -> bool {
        true
    }
}

fuzz_target!(|bytes: &[u8]| {
    let reader = Reader::default();
    let mut lines = Lines::new(bytes);
    while let Ok(Some(taken)) = lines.next() {
        if let Taken::Line(line) = taken {
            reader.line(line, &mut Nobody);
        }
    }
});
