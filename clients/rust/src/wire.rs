//! Messages to bytes and back.

use crate::messages::{Reply, Request};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Framed<'a> {
    #[serde(flatten)]
    request: &'a Request,
    request_id: u64,
}

/// One JSON object with that id.
pub(crate) fn encode(request: &Request, request_id: u64) -> Vec<u8> {
    let framed = Framed { request, request_id };
    serde_json::to_vec(&framed).expect("strings, numbers and lists always have a JSON")
}

/// How many bytes it takes as part of a request.
pub(crate) fn encoded_length<T: Serialize>(value: &T) -> usize {
    serde_json::to_vec(value).map_or(0, |bytes| bytes.len())
}

/// A JSON object that arrived, whatever it may be.
pub(crate) struct Incoming {
    value: Value,
}

impl Incoming {
    /// None where it is no JSON object.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Incoming> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        value.is_object().then_some(Incoming { value })
    }

    /// The id of the request that it answers. What was too large to be read is refused without one: such an Error is the
    /// answer to `oldest`, since one peer's requests are answered in order. None where it is nobody's answer.
    pub(crate) fn answers(&self, oldest: u64) -> Option<u64> {
        match self.value.get("request_id") {
            Some(id) => id.as_u64(),
            None => (self.message_type() == Some("Error")).then_some(oldest),
        }
    }

    pub(crate) fn has_id(&self) -> bool {
        self.value.get("request_id").is_some()
    }

    pub(crate) fn message_type(&self) -> Option<&str> {
        self.value.get("message_type")?.as_str()
    }

    /// Fails, saying why, where a reply of its type must have what this one lacks.
    pub(crate) fn into_reply(self) -> Result<Reply, String> {
        Reply::read(self.value).map_err(|error| format!("malformed reply: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::LookupActor;
    use serde_json::json;

    fn incoming(text: &str) -> Incoming {
        Incoming::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_request_is_one_object_with_its_type_and_id() {
        let request = Request::LookupActor(LookupActor {
            actor_name: "A\"\n".into(),
        });
        let value: Value = serde_json::from_slice(&encode(&request, 7)).unwrap();
        assert_eq!(
            value,
            json!({"message_type": "LookupActor", "actor_name": "A\"\n", "request_id": 7})
        );
    }

    #[test]
    fn what_is_no_object_is_passed_over() {
        for text in ["", "nonsense", "[]", "1", "null", "{} x", "{\"a\":"] {
            assert!(Incoming::parse(text.as_bytes()).is_none(), "{text}");
        }
        assert!(Incoming::parse(b"\xff\xfe").is_none());
    }

    #[test]
    fn a_reply_answers_the_request_whose_id_it_has() {
        assert_eq!(incoming(r#"{"request_id": 3}"#).answers(9), Some(3));
        assert_eq!(incoming(r#"{"request_id": "3"}"#).answers(9), None);
        assert_eq!(incoming(r#"{"request_id": null}"#).answers(9), None);
        assert_eq!(incoming(r#"{"message_type": "LookupResult"}"#).answers(9), None);
    }

    #[test]
    fn an_error_without_an_id_answers_the_oldest_request() {
        assert_eq!(
            incoming(r#"{"message_type": "Error", "code": "too_large"}"#).answers(9),
            Some(9)
        );
    }

    #[test]
    fn a_reply_may_say_more_and_not_less() {
        let more = r#"{"message_type": "LookupResult", "actor_name": "A", "endpoint": null, "online": false, "x": [1]}"#;
        assert!(
            matches!(incoming(more).into_reply(), Ok(Reply::LookupResult(result)) if result.endpoint.is_none())
        );
        let less = r#"{"message_type": "LookupResult", "actor_name": "A", "endpoint": null}"#;
        assert!(incoming(less).into_reply().unwrap_err().contains("online"));
        assert!(incoming(r#"{"message_type": "Surprise"}"#).into_reply().is_err());
        assert!(incoming("{}").into_reply().is_err());
    }

    /// A fuzzer of a few lines: the same bytes in each run.
    #[test]
    fn no_bytes_do_harm() {
        const MARKS: &[u8] = b"{}[]\",:0-9eE.ntf\\";
        let replies = [
            r#"{"message_type": "HeartbeatAck", "request_id": 1, "epoch": "e", "actors": 2, "lost": ["A"], "superseded": true}"#,
            r#"{"message_type": "RegistrationResults", "request_id": 1, "results": [{"actor_name": "A", "ok": false}]}"#,
            r#"{"message_type": "LookupResults", "results": [{"actor_name": "\u00e4", "endpoint": null, "online": true}]}"#,
            r#"{"message_type": "Error", "code": "too_large", "error": "", "request_id": 18446744073709551615}"#,
        ];
        let mut state = 88_172_645_463_325_252_u64;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as usize
        };
        let mut read = 0;
        for _ in 0..50_000 {
            let mut bytes = replies[random() % replies.len()].as_bytes().to_vec();
            for _ in 0..1 + random() % 3 {
                let at = random() % bytes.len();
                match random() % 3 {
                    0 => bytes[at] = random() as u8,
                    1 => bytes.truncate(at + 1),
                    _ => bytes.insert(at, MARKS[random() % MARKS.len()]),
                }
            }
            if let Some(incoming) = Incoming::parse(&bytes) {
                let _ = incoming.answers(1);
                read += usize::from(incoming.into_reply().is_ok());
            }
        }
        assert!((1..50_000).contains(&read), "{read}");
        assert!(Incoming::parse("[".repeat(100_000).as_bytes()).is_none());
    }
}
