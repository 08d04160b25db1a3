//! The command line: the same as that of the sample manager in C++.

use std::env;
use std::time::Duration;

pub const USAGE: &str = "\
Usage: sample_manager [--manager ID] [--registry ENDPOINT] [--actor NAME=ENDPOINT]...

A manager that does nothing but be one: it registers its actors, sends heartbeats, and counts
the messages that each actor's PULL socket receives, until TERM or INT.

  --manager ID             its name in the registry ($MANAGER_ID)
  --registry ENDPOINT      where the registry is ($REGISTRY_ENDPOINT, tcp://localhost:5555)
  --actor NAME=ENDPOINT    an actor and where its socket is bound; port * for any that is free
  --die-after SECONDS      ends without a word after that time
  --exit-status N          with that status (1)
  --silent                 never speaks to the registry
";

pub struct Actor {
    pub name: String,
    pub endpoint: String,
}

pub struct Options {
    pub manager_id: String,
    pub registry: String,
    pub actors: Vec<Actor>,
    pub die_after: Option<Duration>,
    /// Of the death that `die_after` brings.
    pub exit_status: i32,
    /// Never speaks to the registry.
    pub silent: bool,
    pub help: bool,
}

impl Options {
    /// Reads the command line, then $MANAGER_ID and $REGISTRY_ENDPOINT for what it left out. Fails naming the option
    /// that is wrong or missing.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options {
            manager_id: env::var("MANAGER_ID").unwrap_or_default(),
            registry: env::var("REGISTRY_ENDPOINT").unwrap_or_else(|_| "tcp://localhost:5555".to_owned()),
            actors: Vec::new(),
            die_after: None,
            exit_status: 1,
            silent: false,
            help: false,
        };
        while let Some(option) = arguments.next() {
            match option.as_str() {
                "--silent" => options.silent = true,
                "--help" => options.help = true,
                _ => match arguments.next() {
                    Some(value) => options.apply(&option, value)?,
                    None if option.starts_with("--") => return Err(format!("{option} needs a value")),
                    None => return Err(format!("unexpected {option}")),
                },
            }
        }
        if options.manager_id.is_empty() && !options.help {
            return Err("--manager or MANAGER_ID is needed".to_owned());
        }
        Ok(options)
    }

    fn apply(&mut self, option: &str, value: String) -> Result<(), String> {
        let no_number = || format!("{option} {value}: expected a number");
        match option {
            "--manager" => self.manager_id = value,
            "--registry" => self.registry = value,
            "--actor" => self.actors.push(actor(&value)?),
            "--die-after" => {
                let seconds: f64 = value.parse().map_err(|_| no_number())?;
                let sensible = (0.0..1e9).contains(&seconds);
                self.die_after = Some(
                    sensible
                        .then(|| Duration::from_secs_f64(seconds))
                        .ok_or_else(no_number)?,
                );
            }
            "--exit-status" => self.exit_status = i32::from(value.parse::<u8>().map_err(|_| no_number())?),
            _ => return Err(format!("unknown option {option}")),
        }
        Ok(())
    }
}

fn actor(text: &str) -> Result<Actor, String> {
    match text.split_once('=') {
        Some((name, endpoint)) if !name.is_empty() && !endpoint.is_empty() => Ok(Actor {
            name: name.to_owned(),
            endpoint: endpoint.to_owned(),
        }),
        _ => Err(format!("--actor {text}: expected NAME=ENDPOINT")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        Options::parse(arguments.iter().map(|&argument| argument.to_owned()))
    }

    #[test]
    fn a_command_line_is_read() {
        let options = parse(&[
            "--manager",
            "M",
            "--registry",
            "tcp://r:1",
            "--actor",
            "a=tcp://*:2",
            "--actor",
            "b=ipc:///x=y",
            "--die-after",
            "1.5",
            "--exit-status",
            "7",
            "--silent",
        ])
        .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            (options.manager_id.as_str(), options.registry.as_str()),
            ("M", "tcp://r:1")
        );
        let actors: Vec<_> = options
            .actors
            .iter()
            .map(|actor| (&actor.name[..], &actor.endpoint[..]))
            .collect();
        assert_eq!(actors, [("a", "tcp://*:2"), ("b", "ipc:///x=y")]);
        assert_eq!(options.die_after, Some(Duration::from_millis(1500)));
        assert_eq!(
            (options.exit_status, options.silent, options.help),
            (7, true, false)
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (arguments, expected) in [
            (&["--manager"][..], "--manager needs a value"),
            (&["M"], "unexpected M"),
            (&["--what", "M"], "unknown option --what"),
            (&["--actor", "a"], "--actor a: expected NAME=ENDPOINT"),
            (&["--actor", "=b"], "--actor =b: expected NAME=ENDPOINT"),
            (&["--die-after", "soon"], "--die-after soon: expected a number"),
            (&["--die-after", "-1"], "--die-after -1: expected a number"),
            (&["--exit-status", "1x"], "--exit-status 1x: expected a number"),
        ] {
            assert_eq!(parse(arguments).err().as_deref(), Some(expected));
        }
    }
}
