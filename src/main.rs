//! The `bylaws` program: everything is in the library.

/// Reading thousands of small documents is mostly small allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    bylaws::cli::run()
}
