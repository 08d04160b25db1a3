#include "registry_core/protocol/actor_envelope.hpp"

#include "registry_core/protocol/json_writer.hpp"

#include <algorithm>

namespace protocol {

namespace {

using Event = JsonReader::Event;

constexpr std::array<std::string_view, 5> field_names = {"sender_actor", "sender_endpoint", "receiver",
                                                         "message_type", "message"};

} // namespace

bool ActorEnvelopeReader::read(std::string_view body) {
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

std::string encode_envelope(const ActorEnvelope& envelope, std::string_view message) {
  std::string text;
  ObjectWriter object(text);
  object.member("sender_actor", envelope.sender_actor);
  object.member("sender_endpoint", envelope.sender_endpoint);
  object.member("receiver", envelope.receiver);
  object.member("message_type", envelope.message_type);
  object.key("message");
  text.append(message);
  object.close();
  return text;
}

} // namespace protocol
