//! What the crate is built of.

use serde_json::Value;
use std::process::Command;

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--locked",
            "--offline",
            "--format-version",
            "1",
            "--manifest-path",
        ])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo's JSON")
}

fn packages(metadata: &Value) -> &[Value] {
    metadata["packages"].as_array().expect("packages")
}

/// `1.63` or `1.63.0` as numbers.
fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map(|part| part.parse().expect("a number"))
        .take(2)
        .collect()
}

#[test]
fn the_locked_versions_are_built_by_the_rustc_that_is_promised() {
    let metadata = metadata();
    let needed = |package: &Value| package["rust_version"].as_str().map(numbers);
    let own = packages(&metadata)
        .iter()
        .find(|package| package["name"] == "actors_registry")
        .expect("this one");
    let promised = needed(own).expect("rust-version is stated");
    for package in packages(&metadata) {
        assert!(
            needed(package) <= Some(promised.clone()),
            "{} needs {:?}",
            package["id"],
            needed(package)
        );
    }
}

#[test]
fn libzmq_is_the_systems() {
    let metadata = metadata();
    assert!(packages(&metadata)
        .iter()
        .any(|package| package["name"] == "zmq-sys"));
    assert!(
        packages(&metadata)
            .iter()
            .all(|package| package["name"] != "zeromq-src"),
        "it brings a libzmq of its own"
    );
    let program = std::env::current_exe().expect("this program has a path");
    let libraries = Command::new("ldd").arg(program).output().expect("ldd runs");
    let _ = zmq::version(); // or nothing would be linked
    assert!(String::from_utf8_lossy(&libraries.stdout).contains("libzmq.so"));
}

#[test]
fn libzmq_can_encrypt() {
    assert_eq!(zmq::has("curve"), Some(true));
    assert!(zmq::CurveKeyPair::new().is_ok());
}
