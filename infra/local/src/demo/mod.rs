//! `cargo local demo`: the main job from end to end.

mod scenario;

#[cfg(test)]
mod walk_tests;
