//! Makes a fleet to try and measure things with: a policy, and bare repositories made of 200 distinct configurations.
//!
//! `cargo run --release --example synthetic_fleet -- FOLDER COUNT` writes `FOLDER/policy` and `FOLDER/fleet`, the same
//! for the same count.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for measuring may stop at the first surprise"
)]

#[path = "../benches/synthetic/mod.rs"]
mod synthetic;

use std::path::PathBuf;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("the folder to write to"));
    let count: usize = arguments.next().expect("how many repositories").parse().unwrap();
    synthetic::make(&folder, count);
    let place = folder.display();
    println!("{count} repositories; check them with");
    println!("bylaws fleet check {place}/fleet --policy {place}/policy --pinned-as {}", synthetic::SOURCE);
}
