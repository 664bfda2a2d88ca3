//! The layers: floors of crates whose imports go down only, and the crates that alone may name a
//! driver.

use std::collections::BTreeMap;

use xtask::Result;

use crate::cargo::{cargo, output};

/// Which floor a crate of ours stands on. It may use those on lower floors.
const FLOORS: &[(&str, u8)] = &[
    ("convene-proto", 1),
    ("convene-model", 1),
    ("convene-seeded", 1),
    ("convene-sentence-encoder", 1),
    ("convene-source", 1),
    ("convene-invariants", 2),
    ("convene-runtime", 2),
    ("convene-training-data", 2),
    ("convene-agent", 3),
    ("convene-bus", 3),
    ("convene-client", 3),
    ("convene-flows", 3),
    ("convene-nlu", 3),
    ("convene-agent-worker", 4),
    ("convene-context-service", 4),
    ("convene-gateway", 4),
    ("convene-config", 5),
    ("convene", 6),
    ("convene-fuzz", 6),
    ("xtask", 6),
];

/// Which crate alone may use a driver: everybody else goes through its port.
const DRIVERS: &[(&str, &str)] = &[
    ("lapin", "convene-bus"),
    ("redis", "convene-context-service"),
    ("redb", "convene-context-service"),
    ("figment", "convene-config"),
];

/// Fails with every edge between crates that breaks the rules.
pub(crate) fn check() -> Result<()> {
    let tree = output(
        cargo(&["tree", "--workspace", "--depth", "1", "--quiet"]).args([
            "--edges",
            "normal,build",
            "--prefix",
            "depth",
            "--format",
            " {p}",
            "--no-dedupe",
        ]),
    )?;
    let faults = faults(&edges(&tree));
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n").into())
    }
}

/// What each crate of the workspace uses, from lines such as `0 convene v0.1.0 (/path)` and
/// `1 lapin v4.12.3`.
fn edges(tree: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut edges = BTreeMap::<_, Vec<_>>::new();
    let mut user = "";
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("0"), Some(name)) => {
                user = name;
                edges.entry(user).or_default();
            }
            (Some("1"), Some(name)) => edges.entry(user).or_default().push(name),
            _ => {}
        }
    }
    edges
}

fn faults(edges: &BTreeMap<&str, Vec<&str>>) -> Vec<String> {
    let floors: BTreeMap<_, _> = FLOORS.iter().copied().collect();
    let mut faults = Vec::new();
    for (user, used) in edges {
        let Some(floor) = floors.get(user) else {
            faults.push(format!(
                "{user} stands on no floor: give it one in xtask's layers.rs"
            ));
            continue;
        };
        for name in used {
            if floors.get(name).is_some_and(|below| below >= floor) {
                faults.push(format!("{user} must not use {name}: imports go down only"));
            }
            let driver = DRIVERS.iter().find(|(driver, _)| driver == name);
            if let Some((_, owner)) = driver.filter(|(_, owner)| owner != user) {
                faults.push(format!("{user} must not use {name}: only {owner} does"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_that_go_up_or_sideways_or_past_a_port_are_named() {
        let tree = "\
0 convene-gateway v0.1.0 (/x/gateway)
1 convene-proto v0.1.0 (/x/proto)
1 convene-context-service v0.1.0 (/x/context-service)
1 redis v1.8.1

0 convene-proto v0.1.0 (/x/proto)
1 convene-runtime v0.1.0 (/x/crates/runtime)
0 convene-bus v0.1.0 (/x/crates/bus)
1 lapin v4.12.3
0 newcomer v0.1.0 (/x/newcomer)
";
        assert_eq!(
            faults(&edges(tree)),
            [
                "convene-gateway must not use convene-context-service: imports go down only",
                "convene-gateway must not use redis: only convene-context-service does",
                "convene-proto must not use convene-runtime: imports go down only",
                "newcomer stands on no floor: give it one in xtask's layers.rs",
            ]
        );
    }

    #[test]
    fn this_workspace_keeps_its_layers() {
        check().unwrap();
    }
}
