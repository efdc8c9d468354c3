//! `cargo local`: the local cloud and the operator's commands.

fn main() {}
