//! What the registry has acknowledged to this manager, and what it has to be told again.

use crate::batches::batch_length;
use crate::messages::{Actor, HeartbeatAck, RegistrationResult, Reply};
use crate::notice::Notice;
use std::collections::{BTreeMap, BTreeSet};

/// No socket and no clock; a lock around it is the caller's.
#[derive(Default)]
pub(crate) struct NamesHeld {
    /// Of the names that were acknowledged and not lost.
    endpoints: BTreeMap<String, String>,
    /// How many names have been given up or lost so far.
    removed: usize,
    epoch: Option<String>,
    superseded: bool,
    /// The registry knows less than it acknowledged.
    repair: bool,
    to_repair: BTreeSet<String>,
    repaired: usize,
    /// The last refusal that may pass, said already.
    refusal: Option<String>,
}

/// The names that there were at some time: what is acknowledged later can't be counted by a registry that was asked then.
#[derive(Clone, Copy)]
pub(crate) struct Acknowledged {
    names: usize,
    removed: usize,
}

/// What is to be done after an answer to a repair.
#[derive(Default)]
pub(crate) struct Repaired {
    pub(crate) notices: Vec<Notice>,
    /// False: nothing is to be had now; the next heartbeat is soon enough.
    pub(crate) go_on: bool,
}

impl NamesHeld {
    pub(crate) fn len(&self) -> usize {
        self.endpoints.len()
    }

    /// For the heartbeat that is about to be sent.
    pub(crate) fn acknowledged(&self) -> Acknowledged {
        Acknowledged {
            names: self.endpoints.len(),
            removed: self.removed,
        }
    }

    /// The registry acknowledged a name, with this state.
    pub(crate) fn registered(
        &mut self,
        name: &str,
        endpoint: &str,
        epoch: Option<&str>,
        actors: Option<u64>,
    ) {
        self.see_state(epoch, actors, self.endpoints.len()); // before the name is counted: it needs no repair
        self.hold(name, endpoint);
    }

    /// As registered() for a name whose answer came with others'.
    pub(crate) fn hold(&mut self, name: &str, endpoint: &str) {
        self.endpoints.insert(name.to_owned(), endpoint.to_owned());
        self.to_repair.remove(name);
    }

    /// Whether there was such a name.
    pub(crate) fn given_up(&mut self, name: &str) -> bool {
        let held = self.endpoints.remove(name).is_some();
        self.to_repair.remove(name);
        self.removed += usize::from(held);
        held
    }

    pub(crate) fn all_given_up(&mut self) {
        self.removed += self.endpoints.len();
        self.endpoints.clear();
        self.to_repair.clear();
    }

    /// `expected` is how many names the registry must count, unless it has lost some. One that tells no state is older
    /// than repairs.
    pub(crate) fn see_state(&mut self, epoch: Option<&str>, actors: Option<u64>, expected: usize) {
        let another = epoch.is_some() && self.epoch.is_some() && self.epoch.as_deref() != epoch;
        self.epoch = epoch.map(str::to_owned);
        // That it counts fewer while they are being registered again is nothing new: a long repair would never end.
        let under_way = self.repair && self.refusal.is_none();
        if another || (!under_way && actors.map_or(false, |actors| actors < expected as u64)) {
            self.begin_repair();
        }
    }

    fn begin_repair(&mut self) {
        self.repair = true;
        self.repaired = 0;
        self.to_repair.extend(self.endpoints.keys().cloned());
    }

    /// `then` is what there was when the heartbeat was sent.
    pub(crate) fn heartbeat_acknowledged(&mut self, ack: &HeartbeatAck, then: Acknowledged) -> Vec<Notice> {
        let mut notices = Vec::new();
        self.see_superseded(ack.superseded, &mut notices);
        // What the registry counts is the newer life's then, and taking its names back would be a fight.
        if self.superseded {
            return notices;
        }
        for name in &ack.lost {
            if self.given_up(name) {
                let reason = "another manager, or an operator, has taken it".to_owned();
                notices.push(Notice::Lost {
                    actor_name: name.clone(),
                    reason,
                });
            }
        }
        // What was given up since may have been so before it was counted.
        let expected = then.names.saturating_sub(self.removed - then.removed);
        self.see_state(ack.epoch.as_deref(), ack.actors, expected);
        notices
    }

    fn see_superseded(&mut self, superseded: bool, notices: &mut Vec<Notice>) {
        if superseded && !self.superseded {
            notices.push(Notice::Superseded);
        }
        self.superseded = superseded;
    }

    /// From the first sign that the registry knows less than it acknowledged until end_repair().
    pub(crate) fn needs_repair(&self) -> bool {
        self.repair && !self.superseded
    }

    /// What is to be registered again in one request, at most so many; empty when all have been.
    pub(crate) fn next_to_repair(&self, most: usize) -> Vec<Actor> {
        let actor = |name: &String| Actor {
            actor_name: name.clone(),
            actor_endpoint: self.endpoints.get(name).cloned().unwrap_or_default(),
        };
        let mut actors: Vec<Actor> = self.to_repair.iter().take(most).map(actor).collect();
        actors.truncate(batch_length(&actors, most));
        actors
    }

    /// The registry's answer for them: to a RegisterActors, or to a RegisterActor for the only one.
    pub(crate) fn repaired(&mut self, actors: &[Actor], reply: Reply) -> Repaired {
        let mut repaired = Repaired::default();
        let left = self.to_repair.len();
        for result in results_of(actors, reply) {
            if self.to_repair.contains(&result.actor_name) {
                self.take_result(result, &mut repaired.notices);
            }
        }
        repaired.go_on = self.to_repair.len() < left && self.refusal.is_none() && !self.superseded;
        repaired
    }

    fn take_result(&mut self, result: RegistrationResult, notices: &mut Vec<Notice>) {
        let actor_name = result.actor_name;
        if result.ok {
            self.to_repair.remove(&actor_name);
            self.repaired += 1;
            self.refusal = None;
            return;
        }
        let reason = result.reason.unwrap_or_else(|| "refused".to_owned());
        match result.code.as_deref() {
            // Nothing is lost yet: this life may become the current one again.
            Some("superseded") => self.see_superseded(true, notices),
            // A refusal that says more about the registry's day than about the name.
            Some("unavailable" | "limit" | "not_authorized") => {
                if self.refusal.as_ref() != Some(&reason) {
                    self.refusal = Some(reason.clone());
                    notices.push(Notice::Postponed { actor_name, reason });
                }
            }
            // For good: asking every two seconds would not change it.
            _ => {
                self.given_up(&actor_name);
                notices.push(Notice::Lost { actor_name, reason });
            }
        }
    }

    /// How many names were registered again.
    pub(crate) fn end_repair(&mut self) -> usize {
        self.repair = false;
        self.refusal = None;
        std::mem::take(&mut self.repaired)
    }
}

/// The results in the reply; where the whole request was answered at once, that answer as the first name's.
fn results_of(actors: &[Actor], reply: Reply) -> Vec<RegistrationResult> {
    let answer = |ok, reason: Option<String>, code: Option<String>| {
        actors.first().map(|actor| RegistrationResult {
            actor_name: actor.actor_name.clone(),
            ok,
            reason,
            // What was said to many names at once condemns none of them.
            code: if actors.len() == 1 {
                code
            } else {
                Some("unavailable".to_owned())
            },
            actor_endpoint: None,
            local_only: false,
        })
    };
    let single = match reply {
        Reply::RegistrationResults(results) => return results.results,
        Reply::RegistrationOk(_) => answer(true, None, None),
        Reply::RegistrationFailed(failed) => answer(false, Some(failed.reason), failed.code),
        Reply::Error(error) => answer(false, Some(error.error), Some(error.code)),
        other => answer(
            false,
            Some(format!("unexpected reply {}", other.message_type())),
            Some("unavailable".into()),
        ),
    };
    single.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{Error, RegistrationFailed, RegistrationOk, RegistrationResults};

    fn ack(epoch: &str, actors: u64) -> HeartbeatAck {
        HeartbeatAck {
            epoch: Some(epoch.into()),
            actors: Some(actors),
            superseded: false,
            lost: Vec::new(),
        }
    }

    /// A and B, acknowledged by a registry of epoch e1.
    fn held() -> NamesHeld {
        let mut names = NamesHeld::default();
        names.registered("A", "tcp://a:1", Some("e1"), Some(1));
        names.registered("B", "tcp://b:1", Some("e1"), Some(2));
        names
    }

    /// A heartbeat and its answer, between which nothing happens.
    fn acknowledge(names: &mut NamesHeld, ack: &HeartbeatAck) -> Vec<Notice> {
        let then = names.acknowledged();
        names.heartbeat_acknowledged(ack, then)
    }

    fn to_repair(names: &NamesHeld) -> Vec<String> {
        names
            .next_to_repair(10)
            .into_iter()
            .map(|actor| actor.actor_name)
            .collect()
    }

    fn result(name: &str, code: Option<&str>) -> RegistrationResult {
        RegistrationResult {
            actor_name: name.into(),
            ok: code.is_none(),
            reason: code.map(|code| format!("because {code}")),
            code: code.map(Into::into),
            actor_endpoint: None,
            local_only: false,
        }
    }

    fn results(results: Vec<RegistrationResult>) -> Reply {
        Reply::RegistrationResults(RegistrationResults {
            epoch: None,
            actors: None,
            results,
        })
    }

    /// held(), and the registry is another one by now.
    fn forgotten() -> (NamesHeld, Vec<Actor>) {
        let mut names = held();
        assert!(acknowledge(&mut names, &ack("e2", 0)).is_empty());
        let actors = names.next_to_repair(10);
        (names, actors)
    }

    #[test]
    fn what_the_registry_still_has_needs_no_repair() {
        let mut names = held();
        assert!(acknowledge(&mut names, &ack("e1", 2)).is_empty());
        assert!(!names.needs_repair());
    }

    #[test]
    fn another_epoch_needs_everything_again() {
        let mut names = held();
        acknowledge(&mut names, &ack("e2", 2));
        assert!(names.needs_repair());
        assert_eq!(to_repair(&names), ["A", "B"]);
    }

    #[test]
    fn fewer_actors_need_everything_again() {
        let mut names = held();
        acknowledge(&mut names, &ack("e1", 1));
        assert_eq!(to_repair(&names), ["A", "B"]);
    }

    #[test]
    fn a_heartbeat_amid_a_repair_does_not_begin_it_anew_and_another_epoch_does() {
        let mut names = held();
        acknowledge(&mut names, &ack("e2", 0));
        let first = names.next_to_repair(1);
        names.repaired(&first, results(vec![result("A", None)]));
        acknowledge(&mut names, &ack("e2", 1));
        assert_eq!(to_repair(&names), ["B"]);
        acknowledge(&mut names, &ack("e3", 0));
        assert_eq!(to_repair(&names), ["A", "B"]);
        let both = names.next_to_repair(10);
        names.repaired(&both, results(vec![result("A", None), result("B", None)]));
        assert_eq!(names.end_repair(), 2);
    }

    #[test]
    fn what_is_missing_is_told_again_while_something_is_refused() {
        let mut names = held();
        acknowledge(&mut names, &ack("e2", 0));
        let both = names.next_to_repair(10);
        names.repaired(
            &both,
            results(vec![result("A", None), result("B", Some("limit"))]),
        );
        assert_eq!(to_repair(&names), ["B"]);
        acknowledge(&mut names, &ack("e2", 0));
        assert_eq!(to_repair(&names), ["A", "B"]);
    }

    #[test]
    fn a_heartbeat_counts_no_name_that_came_after_it() {
        let mut names = held();
        let then = names.acknowledged();
        names.registered("C", "tcp://c:1", Some("e1"), Some(3));
        names.heartbeat_acknowledged(&ack("e1", 2), then);
        assert!(!names.needs_repair());
        names.heartbeat_acknowledged(&ack("e1", 1), then);
        assert!(names.needs_repair());
    }

    #[test]
    fn a_heartbeat_need_not_count_what_was_given_up_after_it() {
        let mut names = held();
        let then = names.acknowledged();
        assert!(names.given_up("A"));
        names.registered("C", "tcp://c:1", Some("e1"), Some(2));
        names.heartbeat_acknowledged(&ack("e1", 1), then);
        assert!(!names.needs_repair());
    }

    #[test]
    fn a_registration_tells_of_another_epoch_too_and_needs_no_repair_itself() {
        let mut names = held();
        names.registered("C", "tcp://c:1", Some("e2"), Some(1));
        assert!(names.needs_repair());
        assert_eq!(to_repair(&names), ["A", "B"]);
    }

    #[test]
    fn a_registry_that_tells_no_state_needs_nothing() {
        let mut names = NamesHeld::default();
        names.registered("A", "tcp://a:1", None, None);
        let silent = HeartbeatAck {
            epoch: None,
            actors: None,
            superseded: false,
            lost: Vec::new(),
        };
        acknowledge(&mut names, &silent);
        assert!(!names.needs_repair());
    }

    #[test]
    fn what_is_lost_is_said_once_and_not_taken_back() {
        let mut names = held();
        let lost = HeartbeatAck {
            lost: vec!["A".into(), "Unknown".into()],
            ..ack("e1", 1)
        };
        let notices = acknowledge(&mut names, &lost);
        assert!(
            matches!(&notices[..], [Notice::Lost { actor_name, .. }] if actor_name == "A"),
            "{notices:?}"
        );
        assert!(!names.needs_repair());
        assert!(acknowledge(&mut names, &lost).is_empty());
        acknowledge(&mut names, &ack("e2", 0));
        assert_eq!(to_repair(&names), ["B"]);
    }

    #[test]
    fn who_is_superseded_takes_nothing_back_until_it_is_current_again() {
        let mut names = held();
        let superseded = HeartbeatAck {
            superseded: true,
            ..ack("e1", 0)
        };
        assert_eq!(acknowledge(&mut names, &superseded), [Notice::Superseded]);
        assert!(acknowledge(&mut names, &superseded).is_empty());
        assert!(!names.needs_repair());
        acknowledge(&mut names, &ack("e1", 0));
        assert!(names.needs_repair());
        assert_eq!(acknowledge(&mut names, &superseded), [Notice::Superseded]);
    }

    #[test]
    fn what_is_given_up_is_not_registered_again() {
        let (mut names, _) = forgotten();
        names.given_up("A");
        assert_eq!(to_repair(&names), ["B"]);
        names.all_given_up();
        assert!(to_repair(&names).is_empty());
    }

    #[test]
    fn a_repair_ends_with_the_number_of_names() {
        let (mut names, actors) = forgotten();
        let repaired = names.repaired(&actors, results(vec![result("A", None), result("B", None)]));
        assert!(repaired.go_on && repaired.notices.is_empty());
        assert!(to_repair(&names).is_empty());
        assert_eq!(names.end_repair(), 2);
        assert!(!names.needs_repair());
        assert_eq!(names.end_repair(), 0);
    }

    #[test]
    fn a_refusal_that_may_pass_is_said_once_and_tried_again_later() {
        for code in ["unavailable", "limit", "not_authorized"] {
            let (mut names, actors) = forgotten();
            let refused = || results(vec![result("A", None), result("B", Some(code))]);
            let repaired = names.repaired(&actors, refused());
            assert!(!repaired.go_on);
            assert!(
                matches!(&repaired.notices[..], [Notice::Postponed { actor_name, .. }] if actor_name == "B")
            );
            assert!(names.needs_repair());
            assert!(names
                .repaired(&actors[1..], results(vec![result("B", Some(code))]))
                .notices
                .is_empty());
            assert_eq!(to_repair(&names), ["B"]);
        }
    }

    #[test]
    fn any_other_refusal_is_for_good() {
        let (mut names, actors) = forgotten();
        let repaired = names.repaired(
            &actors,
            results(vec![result("A", Some("taken")), result("B", None)]),
        );
        assert!(matches!(&repaired.notices[..], [Notice::Lost { actor_name, .. }] if actor_name == "A"));
        assert!(repaired.go_on);
        assert_eq!(names.len(), 1);
    }

    #[test]
    fn a_refusal_as_superseded_loses_nothing() {
        let (mut names, actors) = forgotten();
        let repaired = names.repaired(&actors, results(vec![result("A", Some("superseded"))]));
        assert_eq!(repaired.notices, [Notice::Superseded]);
        assert!(!repaired.go_on && !names.needs_repair());
        assert_eq!(names.len(), 2);
    }

    #[test]
    fn what_is_said_to_many_at_once_condemns_none() {
        let (mut names, actors) = forgotten();
        let error = Reply::Error(Error {
            code: "invalid_field".into(),
            error: "no".into(),
        });
        let repaired = names.repaired(&actors, error);
        assert!(matches!(&repaired.notices[..], [Notice::Postponed { .. }]));
        assert!(!repaired.go_on);
        assert_eq!(to_repair(&names), ["A", "B"]);
    }

    #[test]
    fn an_older_registry_answers_a_name_at_a_time() {
        let (mut names, actors) = forgotten();
        let ok = RegistrationOk {
            actor_name: "A".into(),
            epoch: None,
            actors: None,
            actor_endpoint: None,
            local_only: false,
        };
        assert!(names.repaired(&actors[..1], Reply::RegistrationOk(ok)).go_on);
        let failed = RegistrationFailed {
            actor_name: "B".into(),
            reason: "taken".into(),
            code: None,
        };
        let repaired = names.repaired(&actors[1..], Reply::RegistrationFailed(failed));
        assert!(matches!(&repaired.notices[..], [Notice::Lost { actor_name, .. }] if actor_name == "B"));
        assert!(to_repair(&names).is_empty());
        assert_eq!(names.end_repair(), 1);
    }
}
