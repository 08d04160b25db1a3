//! What a manager's log would want to know.

use std::fmt;

/// Something that happened between heartbeats and the registry, as [`RegistryClient::on_notice`] passes it on. Its `Display` is a line
/// for a log.
///
/// [`RegistryClient::on_notice`]: crate::RegistryClient::on_notice
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// Two heartbeats in a row were not acknowledged, or the registry has refused the connection; said once for each silence.
    Silent {
        /// Who did not acknowledge them.
        endpoint: String,
        /// Why, where that is known.
        fault: Option<String>,
    },
    /// The first answer after a silence.
    Reconnected {
        /// Who answers.
        endpoint: String,
    },
    /// The registry had lost names, and has them again.
    RegisteredAgain {
        /// How many.
        actors: usize,
    },
    /// A newer instance of this manager is running. This one takes nothing back unless it becomes current again.
    Superseded,
    /// Another manager, or an operator, has taken the name. It is not taken back.
    Lost {
        /// The name.
        actor_name: String,
        /// For people.
        reason: String,
    },
    /// The registry can't take a name back at the moment; it is tried again.
    Postponed {
        /// The name.
        actor_name: String,
        /// For people.
        reason: String,
    },
    /// Heartbeats can't be sent, for instance since an endpoint can't be one, or no descriptor is left; it is tried again.
    Trouble(String),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::Silent { endpoint, fault } => {
                write!(f, "registry {endpoint} does not acknowledge heartbeats")?;
                fault.as_ref().map_or(Ok(()), |fault| write!(f, ": {fault}"))
            }
            Notice::Reconnected { endpoint } => write!(f, "registry {endpoint} answers again"),
            Notice::RegisteredAgain { actors } => write!(f, "registered again: {actors} actors"),
            Notice::Superseded => f.write_str("superseded: a newer instance of this manager is running"),
            Notice::Lost { actor_name, reason } => write!(f, "lost: '{actor_name}': {reason}"),
            Notice::Postponed { actor_name, reason } => {
                write!(f, "'{actor_name}' can't be registered again for now: {reason}")
            }
            Notice::Trouble(message) => write!(f, "heartbeats: {message}"),
        }
    }
}

impl Notice {
    /// Whether it is good news, for the level of a log.
    pub(crate) fn is_good(&self) -> bool {
        matches!(self, Notice::Reconnected { .. } | Notice::RegisteredAgain { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_a_line() {
        let lost = Notice::Lost {
            actor_name: "A".into(),
            reason: "another manager has it".into(),
        };
        assert_eq!(lost.to_string(), "lost: 'A': another manager has it");
        assert!(!lost.is_good());
        let again = Notice::RegisteredAgain { actors: 3 };
        assert_eq!(again.to_string(), "registered again: 3 actors");
        assert!(again.is_good());
    }
}
