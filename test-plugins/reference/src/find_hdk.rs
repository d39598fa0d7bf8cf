//! The build script: finds where cargo has put the sources of wasmi-plugin-hdk, and names them to src/lib.rs as modules.

use std::{env, fs, path::Path, process::Command};

use serde_json::Value;

/// The modules of wasmi-plugin-hdk 0.1.0 (its src/lib.rs), but for the pipes in `wasi`: those are the tap.
const MODULES: &[&str] = &[
    "mod compile",
    "pub mod host_handler",
    "pub mod plugin",
    "mod plugin_instance",
    "pub mod server",
];

fn main() {
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rerun-if-changed=src/find_hdk.rs");
    let sources = hdk_sources();
    let path = |file: &str| {
        let path = Path::new(&sources).join(file);
        assert!(path.exists(), "wasmi-plugin-hdk has no {file}");
        format!("#[path = {:?}]\n", path.display().to_string())
    };

    let mut code = String::new();
    for module in MODULES {
        let name = module
            .rsplit(' ')
            .next()
            .expect("rsplit gives one at least");
        code += &format!("{}{module};\n", path(&format!("{name}.rs")));
    }
    code += &format!("{}mod pipe;\n", path("wasi/non_blocking_pipe.rs"));
    code += &format!(
        "mod wasi {{\npub use crate::tap as non_blocking_pipe;\n{}pub mod wasi_ctx;\n{}pub mod wasmi;\n}}\n",
        path("wasi/wasi_ctx.rs"),
        path("wasi/wasmi.rs")
    );
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("hdk.rs"), code).expect("OUT_DIR can be written to");
}

/// The folder `src` of wasmi-plugin-hdk, as cargo knows it.
fn hdk_sources() -> String {
    let cargo = env::var("CARGO").expect("cargo sets CARGO");
    let target = env::var("TARGET").expect("cargo sets TARGET");
    // Everything that is built for this target is there already; for others it may not be.
    let metadata = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", &target])
        .output()
        .expect("cargo runs");
    assert!(
        metadata.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&metadata.stderr)
    );
    let metadata: Value =
        serde_json::from_slice(&metadata.stdout).expect("cargo metadata prints JSON");
    let packages = metadata["packages"]
        .as_array()
        .expect("metadata lists packages");
    let hdk = packages
        .iter()
        .find(|package| package["name"] == "wasmi-plugin-hdk")
        .expect("wasmi-plugin-hdk is a dependency");
    let manifest = hdk["manifest_path"]
        .as_str()
        .expect("a package has a manifest");
    let folder = Path::new(manifest)
        .parent()
        .expect("a manifest lies in a folder");
    folder.join("src").display().to_string()
}
