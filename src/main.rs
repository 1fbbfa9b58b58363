//! The `bylaws` program: everything is in the library.

fn main() -> std::process::ExitCode {
    bylaws::cli::run()
}
