//! Where the registry is.

use crate::actor::ActorRef;

/// One endpoint of a registry or several, which are tried in order, the last good one first. Two registries share no state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints(Vec<String>);

impl Endpoints {
    pub(crate) fn into_vec(self) -> Vec<String> {
        self.0
    }
}

impl From<&str> for Endpoints {
    fn from(endpoint: &str) -> Endpoints {
        Endpoints(vec![endpoint.to_owned()])
    }
}

impl From<String> for Endpoints {
    fn from(endpoint: String) -> Endpoints {
        Endpoints(vec![endpoint])
    }
}

impl From<&String> for Endpoints {
    fn from(endpoint: &String) -> Endpoints {
        Endpoints(vec![endpoint.clone()])
    }
}

impl From<ActorRef> for Endpoints {
    fn from(registry: ActorRef) -> Endpoints {
        Endpoints::from(registry.endpoint())
    }
}

impl From<&ActorRef> for Endpoints {
    fn from(registry: &ActorRef) -> Endpoints {
        Endpoints::from(registry.endpoint())
    }
}

impl<T: Into<String>> From<Vec<T>> for Endpoints {
    fn from(endpoints: Vec<T>) -> Endpoints {
        Endpoints(endpoints.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<String>, const N: usize> From<[T; N]> for Endpoints {
    fn from(endpoints: [T; N]) -> Endpoints {
        Endpoints(endpoints.into_iter().map(Into::into).collect())
    }
}

impl<T: Clone + Into<String>> From<&[T]> for Endpoints {
    fn from(endpoints: &[T]) -> Endpoints {
        Endpoints(endpoints.iter().cloned().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ActorSender;

    #[test]
    fn whatever_names_an_endpoint_will_do() {
        let one = Endpoints(vec!["tcp://a:1".into()]);
        let registry_ref = ActorRef::new("GlobalRegistry", "tcp://a:1", &ActorSender::new());
        assert_eq!(Endpoints::from("tcp://a:1"), one);
        assert_eq!(Endpoints::from(String::from("tcp://a:1")), one);
        assert_eq!(Endpoints::from(&registry_ref), one);
        assert_eq!(Endpoints::from(registry_ref), one);
        assert_eq!(Endpoints::from(["tcp://a:1"]), one);
    }

    #[test]
    fn several_keep_their_order() {
        let two = Endpoints(vec!["tcp://b:1".into(), "tcp://a:1".into()]);
        assert_eq!(Endpoints::from(vec!["tcp://b:1", "tcp://a:1"]), two);
        assert_eq!(Endpoints::from(&["tcp://b:1", "tcp://a:1"][..]), two);
    }
}
