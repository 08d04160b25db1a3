#include "clients/cpp/src/reply_text.hpp"

#include "actors/registry/errors.hpp"

namespace actors::registry {

bool ReplyText::read(std::string text) {
  text_ = std::move(text);
  message_type_ = request_id_ = endpoint_ = online_ = {};
  reader_.start(text_);
  Event event = reader_.next();
  if (event != Event::begin_object) return false;
  Member* member = nullptr;
  for (event = reader_.next(); event != Event::end && event != Event::fault; event = reader_.next())
    read_value(event, member);
  return event == Event::end;
}

void ReplyText::read_value(Event event, Member*& member) {
  if (event == Event::key && reader_.depth() == 1) {
    member = this->member(reader_.text());
  } else if (member) {
    *member = {event, reader_.text(), reader_.boolean()};
    member = nullptr; // what follows is inside of it
  }
}

ReplyText::Member* ReplyText::member(std::string_view name) {
  if (name == "message_type") return &message_type_;
  if (name == "request_id") return &request_id_;
  if (name == "endpoint") return &endpoint_;
  if (name == "online") return &online_;
  return nullptr;
}

bool ReplyText::answers(std::uint64_t id) const {
  if (request_id_.kind == Event::end) return is("Error");
  return request_id_.kind == Event::integer && request_id_.text == std::to_string(id);
}

bool ReplyText::is(std::string_view message_type) const {
  return message_type_.kind == Event::string && message_type_.text == message_type;
}

std::pair<std::optional<std::string>, bool> ReplyText::lookup_result() const {
  const bool registered = endpoint_.kind == Event::string;
  if (online_.kind != Event::boolean ||
      (!registered && endpoint_.kind != Event::null && endpoint_.kind != Event::end))
    throw RegistryError("the registry sent a malformed reply: endpoint or online");
  if (!registered) return {std::nullopt, online_.boolean};
  return {std::string(endpoint_.text), online_.boolean};
}

} // namespace actors::registry
