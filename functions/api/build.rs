//! Packs the API's document, which is served as it is checked in: it is long, and every start reads the whole function.

use flate2::{Compression, write::GzEncoder};
use std::{
    env, fs,
    io::{self, Write as _},
    path::Path,
};

const DOCUMENT: &str = "../../infra/openapi/openapi.json";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={DOCUMENT}");
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names no folder for what is built"))?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&fs::read(DOCUMENT)?)?;
    fs::write(Path::new(&out).join("openapi.json.gz"), packed.finish()?)
}
