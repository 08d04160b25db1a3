//! What can go wrong.

use std::fmt;
use std::ops::Deref;

/// Every failure that the library reports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistryError {
    /// No actor of that name is registered.
    NotFound(String),
    /// The actor of that name is registered, and its manager is not heard.
    Offline(String),
    /// No answer within the call's timeout. The client is good for the next call.
    Timeout(String),
    /// An endpoint can't be one, a socket can't be had, or the registry's answer can't be read.
    ConnectionError(String),
    /// The registry refused a registration or an unregistration.
    RegistrationFailed {
        /// The name that it was about.
        actor_name: String,
        /// Why, with the registry's word for it in [`Reason::code`].
        reason: Reason,
    },
    /// The registry does not let this client do that. A registration that is denied is a `RegistrationFailed` whose code is
    /// `not_authorized`.
    NotAuthorized(String),
    /// A key is none, or its file can't be used: it is not there, is no certificate, or others may read it.
    UnusableKey(String),
    /// The registry does not trust the client's key, or wants one where it has none. The next call tries again.
    KeyNotAccepted(String),
    /// The registry's key is another than the client was given, or only one of the two encrypts: which of them can't be told
    /// apart. The next call tries again.
    HandshakeFailed(String),
    /// The registry refused another request.
    Refused {
        /// The registry's word for it: `limit`, `unavailable`, …
        code: String,
        /// For people.
        error: String,
    },
}

impl RegistryError {
    /// Why the registry refused, in its own word (docs/protocol.md, "Errors"): `taken`, `limit`, `unavailable`, …; none
    /// where it was not the registry that refused. After `unavailable` the same call may succeed later; most others want
    /// something changed first.
    pub fn code(&self) -> Option<&str> {
        match self {
            RegistryError::RegistrationFailed { reason, .. } => reason.code(),
            RegistryError::NotAuthorized(_) => Some("not_authorized"),
            RegistryError::Refused { code, .. } if !code.is_empty() => Some(code),
            _ => None,
        }
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegistryError::NotFound(name) => write!(f, "no actor named '{name}' is registered"),
            RegistryError::Offline(name) => write!(f, "actor '{name}' is offline"),
            RegistryError::Timeout(message)
            | RegistryError::ConnectionError(message)
            | RegistryError::UnusableKey(message)
            | RegistryError::KeyNotAccepted(message)
            | RegistryError::HandshakeFailed(message) => f.write_str(message),
            RegistryError::RegistrationFailed { actor_name, reason } => {
                write!(f, "registration of '{actor_name}' failed: {reason}")
            }
            RegistryError::NotAuthorized(error) | RegistryError::Refused { error, .. } => {
                write!(f, "the registry refused: {error}")
            }
        }?;
        if self.code() == Some("unavailable") {
            f.write_str("; nothing was changed, and it may be tried again")?;
        }
        Ok(())
    }
}

impl std::error::Error for RegistryError {}

/// Why the registry refused a registration: a text for people, as which this reads, and the registry's word for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    text: String,
    code: String,
}

impl Reason {
    pub(crate) fn new(text: String, code: Option<String>) -> Reason {
        Reason {
            text,
            code: code.unwrap_or_default(),
        }
    }

    /// The text for people.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `taken`, `superseded`, `limit`, `unavailable`, …; none where the registry gave none.
    pub fn code(&self) -> Option<&str> {
        Some(self.code.as_str()).filter(|code| !code.is_empty())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Deref for Reason {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl PartialEq<str> for Reason {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl PartialEq<&str> for Reason {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> String {
        reason.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: Option<&str>) -> RegistryError {
        RegistryError::RegistrationFailed {
            actor_name: "A".into(),
            reason: Reason::new("no".into(), code.map(Into::into)),
        }
    }

    #[test]
    fn a_reason_reads_as_its_text_and_knows_the_code() {
        let reason = Reason::new(
            "Name already registered by manager 'M'".into(),
            Some("taken".into()),
        );
        assert_eq!(reason, "Name already registered by manager 'M'");
        assert!(reason.starts_with("Name already"));
        assert_eq!(reason.code(), Some("taken"));
        assert_eq!(String::from(reason), "Name already registered by manager 'M'");
    }

    #[test]
    fn a_refusal_by_an_older_registry_has_no_code() {
        assert_eq!(refused(None).code(), None);
        assert_eq!(refused(Some("taken")).code(), Some("taken"));
        assert_eq!(RegistryError::Timeout("late".into()).code(), None);
    }

    #[test]
    fn what_may_be_tried_again_says_so() {
        assert_eq!(
            refused(Some("taken")).to_string(),
            "registration of 'A' failed: no"
        );
        assert_eq!(
            refused(Some("unavailable")).to_string(),
            "registration of 'A' failed: no; nothing was changed, and it may be tried again"
        );
    }
}
