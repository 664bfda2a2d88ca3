//! How large a cluster is asked for.

use xtask::Result;

/// How many of what, and where.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) gateways: usize,
    pub(super) workers: usize,
    pub(super) context_services: usize,
    pub(super) port: u16,
}

impl Shape {
    /// Reads flags, each with its number.
    pub(super) fn parse(arguments: &[String]) -> Result<Self> {
        let mut shape = Self {
            gateways: 2,
            workers: 2,
            context_services: 2,
            port: 8080,
        };
        for pair in arguments.chunks(2) {
            let [flag, value] = pair else {
                return Err(format!("{} needs a number", pair[0]).into());
            };
            let number: u16 = value
                .parse()
                .map_err(|_| format!("{flag} needs a number, not {value:?}"))?;
            match flag.as_str() {
                "--gateways" => shape.gateways = number.into(),
                "--workers" => shape.workers = number.into(),
                "--context-services" => shape.context_services = number.into(),
                "--port" => shape.port = number,
                _ => return Err(format!(
                    "cluster takes --gateways, --workers, --context-services and --port; not {flag}"
                )
                .into()),
            }
        }
        if shape.gateways == 0 || shape.workers == 0 || shape.context_services == 0 {
            return Err("a cluster needs one of each service at least".into());
        }
        Ok(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::words;

    fn parse(text: &str) -> Result<Shape> {
        Shape::parse(&words(text))
    }

    #[test]
    fn flags_shape_the_cluster_and_wrong_ones_are_named() {
        let shape = parse("--gateways 3 --port 9000").unwrap();
        assert_eq!(
            shape,
            Shape {
                gateways: 3,
                workers: 2,
                context_services: 2,
                port: 9000
            }
        );
        for (wrong, word) in [
            ("--gateways", "needs"),
            ("--gateways x", "x"),
            ("--sockets 1", "--sockets"),
            ("--workers 0", "one of each"),
        ] {
            assert!(
                parse(wrong).unwrap_err().to_string().contains(word),
                "{wrong}"
            );
        }
    }
}
