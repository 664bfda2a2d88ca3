//! Installing Debian's packages, where something is missing.

use std::{env, fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use xtask::{Result, rabbitmq::RabbitMq};

use crate::cargo::succeed;

/// A package, known to be installed by a program of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Package {
    name: &'static str,
    program: &'static str,
}

pub(crate) const RABBITMQ: Package = Package {
    name: "rabbitmq-server",
    program: RabbitMq::SERVER,
};
pub(crate) const REDIS: Package = Package {
    name: "redis-server",
    program: "redis-server",
};
pub(crate) const REDIS_TOOLS: Package = Package {
    name: "redis-tools",
    program: "redis-cli",
};
pub(crate) const CHROMIUM: Package = Package {
    name: "chromium",
    program: "chromium",
};
pub(crate) const HAPROXY: Package = Package {
    name: "haproxy",
    program: "/usr/sbin/haproxy",
};
pub(crate) const NODE: Package = Package {
    name: "nodejs",
    program: "node",
};
pub(crate) const NPM: Package = Package {
    name: "npm",
    program: "npm",
};

impl Package {
    fn is_missing(self) -> bool {
        on_path(self.program).is_none()
    }
}

/// The full path of a program, if it is installed.
pub(crate) fn on_path(program: &str) -> Option<String> {
    if program.contains('/') {
        return Path::new(program).exists().then(|| program.to_owned());
    }
    let path = env::var("PATH").unwrap_or_default();
    path.split(':')
        .map(|folder| format!("{folder}/{program}"))
        .find(|file| Path::new(file).exists())
}

/// Installs those of the packages that are missing.
pub(crate) fn ensure(packages: &[Package]) -> Result<()> {
    let missing: Vec<_> = packages
        .iter()
        .filter(|package| package.is_missing())
        .map(|package| package.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if env::var_os("CONVENE_NO_APT").is_some() || on_path("apt-get").is_none() {
        return Err(format!("not installed: {names}. Install them and run this again").into());
    }
    let _quiet = ServicesStayDown::new();
    succeed(&mut apt_get(&["update", "-qq"]))?;
    let mut install = vec!["install", "-y", "-qq", "--no-install-recommends"];
    install.extend(missing);
    succeed(&mut apt_get(&install))
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = if is_root() {
        Command::new("apt-get")
    } else {
        Command::new("sudo")
    };
    if !is_root() {
        command.args(["--preserve-env=DEBIAN_FRONTEND", "apt-get"]);
    }
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(arguments);
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// While this lives, installing a server does not start it: ours are private ones.
struct ServicesStayDown(bool);

impl ServicesStayDown {
    const POLICY: &str = "/usr/sbin/policy-rc.d";

    fn new() -> Self {
        let ours = !Path::new(Self::POLICY).exists()
            && fs::write(Self::POLICY, "#!/bin/sh\nexit 101\n").is_ok()
            && fs::set_permissions(Self::POLICY, fs::Permissions::from_mode(0o755)).is_ok();
        Self(ours)
    }
}

impl Drop for ServicesStayDown {
    fn drop(&mut self) {
        if self.0 {
            drop(fs::remove_file(Self::POLICY));
        }
    }
}
