//! Writes `samples/users.jsonl` anew; the file only changes when `sample.rs` does.
//!
//! `cargo run --release -p rollbook-cli --example make_sample`

mod sample;

fn main() -> std::io::Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/users.jsonl");
    std::fs::write(path, sample::sample())
}
