#include "registry_core/protocol/actor_message.hpp"

#include "registry_core/protocol/field_text.hpp"
#include "registry_core/protocol/json_writer.hpp"

#include <algorithm>

namespace protocol {

namespace {

using Event = JsonReader::Event;

constexpr std::array<std::string_view, 5> field_names = {"sender_actor", "sender_endpoint", "receiver",
                                                         "message_type", "message"};

void begin(ObjectWriter& object, std::string_view receiver, std::string_view own_endpoint,
           std::string_view message_type) {
  object.member("sender_actor", registry_actor);
  object.member("sender_endpoint", own_endpoint);
  object.member("receiver", receiver);
  object.member("message_type", message_type);
}

} // namespace

bool ActorMessageReader::read_envelope(std::string_view body) {
  fields_.fill({});
  seen_.fill(false);
  message_ = {};
  reader_.start(body);
  std::size_t field = field_count;
  std::size_t message_begin = 0;
  Event event = reader_.next();
  if (event != Event::begin_object) return false;
  for (event = reader_.next(); event != Event::end && event != Event::fault; event = reader_.next()) {
    if (event == Event::key && reader_.depth() == 1) {
      const auto* const name = std::find(field_names.begin(), field_names.end(), reader_.text());
      field = static_cast<std::size_t>(name - field_names.begin());
      if (field < field_count) seen_.at(field) = true;
    } else if (event == Event::string && reader_.depth() == 1 && field < text_fields) {
      fields_.at(field) = reader_.text();
    } else if (event == Event::begin_object && reader_.depth() == 2 && field == message_field) {
      message_begin = reader_.position() - 1;
    } else if (event == Event::end_object && reader_.depth() == 1 && field == message_field) {
      message_ = body.substr(message_begin, reader_.position() - message_begin);
    }
  }
  return event == Event::end;
}

ActorMessageReader::Kind ActorMessageReader::reject(std::string why) {
  why_ = std::move(why);
  return Kind::rejected;
}

ActorMessageReader::Kind ActorMessageReader::read(std::string_view body) {
  const bool is_envelope = read_envelope(body) && (seen_[receiver_field] || seen_[message_field]);
  if (!is_envelope) {
    request_ = &decoder_.decode(body);
    return Kind::plain;
  }
  if (fields_[receiver_field] != registry_actor)
    return reject("receiver: no actor '" + excerpt(fields_[receiver_field]) + "' here");
  if (fields_[message_type_field].empty()) return reject("message_type: expected the name of a request");
  if (message_.empty()) return reject("message: expected an object with the request's fields");
  request_ = &decoder_.decode(message_, fields_[message_type_field]);
  const auto* const refusal = std::get_if<Refusal>(request_);
  if (refusal && refusal->code == ErrorCode::unknown_type) return reject(refusal->error);
  return Kind::envelope;
}

std::string encode_actor_reply(std::string_view receiver, std::string_view own_endpoint,
                               std::string_view message_type, std::string_view reply_object) {
  std::string text;
  ObjectWriter object(text);
  begin(object, receiver, own_endpoint, message_type);
  object.key("message");
  text.append(reply_object);
  object.close();
  return text;
}

std::string encode_reject(std::string_view receiver, std::string_view own_endpoint,
                          std::string_view message_type, std::string_view reason) {
  std::string text;
  ObjectWriter object(text);
  begin(object, receiver, own_endpoint, "Reject");
  object.key("message");
  ObjectWriter message(text);
  message.member("message_type", message_type);
  message.member("reason", reason);
  message.member("rejected_by", registry_actor);
  message.close();
  object.close();
  return text;
}

} // namespace protocol
