//! Who this process is to systemd.

use crate::messages::Process;
use std::{env, fs};

/// The calling process, as far as it knows: host name, pid, systemd's unit and `$INVOCATION_ID`, this library.
pub(crate) fn own_process() -> Process {
    Process {
        host: first_line("/proc/sys/kernel/hostname").filter(|text| is_name(text)),
        pid: Some(u64::from(std::process::id())),
        unit: fs::read_to_string("/proc/self/cgroup")
            .ok()
            .and_then(|text| unit_in_cgroup(&text))
            .filter(|text| is_name(text)),
        invocation_id: env::var("INVOCATION_ID").ok().filter(|text| is_name(text)),
        language: Some("rust".to_owned()),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
    }
}

fn first_line(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.lines().next()?.to_owned())
}

/// What the registry would refuse is worth less than a heartbeat.
fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// The service or scope that the text of /proc/PID/cgroup names (cgroups(7)); none where it names none.
fn unit_in_cgroup(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        // HIERARCHY:CONTROLLERS:PATH; systemd's own is 0 without controllers, or `name=systemd` in version 1.
        let mut parts = line.splitn(3, ':');
        let (hierarchy, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        if !(hierarchy == "0" && controllers.is_empty()) && controllers != "name=systemd" {
            return None;
        }
        let unit = |component: &&str| component.ends_with(".service") || component.ends_with(".scope");
        path.split('/').rev().find(unit).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_the_last_service_or_scope_of_the_path() {
        let unit = unit_in_cgroup;
        assert_eq!(unit("0::/system.slice/a.service\n").as_deref(), Some("a.service"));
        assert_eq!(
            unit("0::/user.slice/user-0.slice/user@0.service/app.slice/b.service/sub\n").as_deref(),
            Some("b.service")
        );
        assert_eq!(
            unit("0::/user.slice/session-1.scope").as_deref(),
            Some("session-1.scope")
        );
        assert_eq!(
            unit("12:cpu:/x.service\n1:name=systemd:/system.slice/c.service\n0::/\n").as_deref(),
            Some("c.service")
        );
    }

    #[test]
    fn what_is_in_no_unit_has_none() {
        for text in [
            "",
            "0::/",
            "0::/a/b",
            "5:memory:/a.service",
            "nonsense.service",
            "::",
            "0:x:/a.service",
        ] {
            assert_eq!(unit_in_cgroup(text), None, "{text}");
        }
    }

    #[test]
    fn this_process_has_a_pid_and_a_language() {
        let process = own_process();
        assert_eq!(process.pid, Some(u64::from(std::process::id())));
        assert_eq!(process.language.as_deref(), Some("rust"));
        assert_eq!(process.version.as_deref(), Some(env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn what_the_registry_would_refuse_is_no_name() {
        assert!(is_name(&"a".repeat(255)));
        for text in [String::new(), "a".repeat(256), "a\nb".to_owned()] {
            assert!(!is_name(&text));
        }
    }
}
