#include "registry_core/protocol/decode.hpp"
#include "registry_core/protocol/field_text.hpp"
#include "registry_core/protocol/names.hpp"

#include <unordered_set>

namespace protocol {

namespace {

/// Of a name that stands in a message twice, only the first counts.
void refuse_repeated(std::vector<RegisterActors::Entry>& entries) {
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!entries[i].fault.empty() || seen.insert(entries[i].actor_name).second) continue;
    entries[i].fault = "actors[" + std::to_string(i) + "].actor_name: stands twice in this message";
    entries[i].fault_code = ErrorCode::invalid_field;
  }
}

} // namespace

Request Decoder::interpret(std::string_view envelope_type) {
  if (!envelope_type.empty()) return interpret_type(envelope_type);
  const Value& type = fields_[message_type];
  if (type.kind == Kind::absent || type.kind == Kind::null) return interpret_number();
  if (type.kind != Kind::string) return invalid_field("message_type", "a string");
  return interpret_type(type.text);
}

Request Decoder::interpret_type(std::string_view type) {
  if (type == protocol::lookup_actor.type) return interpret_lookup();
  if (type == protocol::heartbeat.type) return interpret_heartbeat();
  if (type == protocol::register_actor.type) return interpret_register();
  if (type == protocol::unregister_actor.type) return interpret_unregister();
  if (type == protocol::register_actors.type) return interpret_register_many();
  if (type == protocol::lookup_actors.type) return interpret_lookup_many();
  if (type == protocol::unregister_manager.type) return interpret_unregister_manager();
  if (type == protocol::list_actors.type) return interpret_list_actors();
  if (type == protocol::list_managers.type) return interpret_list_managers();
  if (type == protocol::registry_info.type) return RegistryInfo{};
  if (type == protocol::expect_offline.type) return interpret_expect_offline();
  return Refusal{
      ErrorCode::unknown_type, "message_type: no request is named '" + excerpt(type) + "'", false, {}};
}

Request Decoder::interpret_number() {
  const Value& id = fields_[message_id];
  if (id.kind == Kind::absent || id.kind == Kind::null)
    return missing_field("message_type", "the name of a request");
  if (id.kind != Kind::integer) return invalid_field("message_id", "an integer");
  int number = 0;
  parse_number(id.text, number);
  static constexpr std::array requests = {
      protocol::register_actor,     protocol::unregister_actor, protocol::lookup_actor,
      protocol::heartbeat,          protocol::register_actors,  protocol::lookup_actors,
      protocol::unregister_manager, protocol::list_actors,      protocol::list_managers,
      protocol::registry_info,      protocol::expect_offline};
  for (const MessageName& request : requests) {
    if (number == request.id) return interpret_type(request.type);
  }
  return Refusal{
      ErrorCode::unknown_type, "message_id: no request has the number " + excerpt(id.text), false, {}};
}

Request Decoder::interpret_register() {
  RegisterActor request;
  if (Fault fault = required_name(manager_id, true, request.manager_id)) return as_registration(*fault);
  if (Fault fault = required_name(actor_name, false, request.actor_name)) return as_registration(*fault);
  const Value& endpoint = fields_[actor_endpoint];
  if (endpoint.kind == Kind::absent) return as_registration(missing_field("actor_endpoint", an_endpoint));
  if (endpoint.kind != Kind::string || !is_actor_endpoint(endpoint.text)) {
    return as_registration(invalid_field("actor_endpoint", an_endpoint));
  }
  request.actor_endpoint = endpoint.text;
  if (Fault fault = optional_name(instance, false, request.instance)) return as_registration(*fault);
  if (Fault fault = read_process(request.process)) return as_registration(*fault);
  return request;
}

Request Decoder::interpret_unregister() {
  UnregisterActor request;
  if (Fault fault = required_name(actor_name, false, request.actor_name)) return as_registration(*fault);
  if (Fault fault = optional_name(manager_id, true, request.manager_id)) return as_registration(*fault);
  if (Fault fault = optional_name(instance, false, request.instance)) return as_registration(*fault);
  return request;
}

Request Decoder::interpret_lookup() {
  LookupActor request;
  if (Fault fault = required_name(actor_name, false, request.actor_name)) return std::move(*fault);
  return request;
}

Request Decoder::interpret_heartbeat() {
  Heartbeat request;
  if (Fault fault = required_name(manager_id, true, request.manager_id)) return std::move(*fault);
  if (Fault fault = optional_name(instance, false, request.instance)) return std::move(*fault);
  if (Fault fault = read_process(request.process)) return std::move(*fault);
  return request;
}

Request Decoder::interpret_list_actors() {
  ListActors request;
  if (Fault fault = optional_text(pattern, request.pattern)) return std::move(*fault);
  if (Fault fault = optional_name(manager_id, true, request.manager_id)) return std::move(*fault);
  if (Fault fault = optional_bool(online, "online", request.online)) return std::move(*fault);
  if (Fault fault = optional_text(after, request.after)) return std::move(*fault);
  if (Fault fault = optional_limit(request.limit)) return std::move(*fault);
  return request;
}

Request Decoder::interpret_list_managers() {
  ListManagers request;
  if (Fault fault = optional_text(pattern, request.pattern)) return std::move(*fault);
  if (Fault fault = optional_text(after, request.after)) return std::move(*fault);
  if (Fault fault = optional_limit(request.limit)) return std::move(*fault);
  return request;
}

Request Decoder::interpret_register_many() {
  RegisterActors request;
  if (Fault fault = required_name(manager_id, true, request.manager_id)) return std::move(*fault);
  const Value& list = fields_[actors];
  if (list.kind == Kind::absent) return missing_field("actors", "an array of objects");
  if (list.kind != Kind::array) return invalid_field("actors", "an array of objects");
  request.actors.reserve(elements_.size());
  for (std::size_t i = 0; i < elements_.size(); ++i) {
    if (elements_[i].kind != Kind::object)
      return invalid_field("actors[" + std::to_string(i) + "]", "an object");
    request.actors.push_back(entry(i));
  }
  refuse_repeated(request.actors);
  if (Fault fault = optional_name(instance, false, request.instance)) return std::move(*fault);
  if (Fault fault = read_process(request.process)) return std::move(*fault);
  return request;
}

Request Decoder::interpret_lookup_many() {
  LookupActors request;
  const Value& list = fields_[actor_names];
  if (list.kind == Kind::absent) return missing_field("actor_names", "an array of names");
  if (list.kind != Kind::array) return invalid_field("actor_names", "an array of names");
  request.actor_names.reserve(names_.size());
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const Value& name = names_[i];
    if (name.kind != Kind::string || !is_name(name.text))
      return invalid_field("actor_names[" + std::to_string(i) + "]", a_name);
    request.actor_names.push_back(name.text);
  }
  return request;
}

Request Decoder::interpret_unregister_manager() {
  UnregisterManager request;
  if (Fault fault = required_name(manager_id, true, request.manager_id)) return std::move(*fault);
  if (Fault fault = optional_name(instance, false, request.instance)) return std::move(*fault);
  std::optional<bool> forgotten;
  if (Fault fault = optional_bool(forget, "forget", forgotten)) return std::move(*fault);
  request.forget = forgotten.value_or(false);
  return request;
}

Request Decoder::interpret_expect_offline() {
  ExpectOffline request;
  constexpr std::string_view a_time = "a number of seconds from 0 to 2592000";
  constexpr std::string_view a_reason = "a string of at most 255 bytes without control characters";
  if (Fault fault = required_name(manager_id, true, request.manager_id)) return std::move(*fault);
  const Value& time = fields_[seconds];
  if (time.kind == Kind::absent) return missing_field("seconds", a_time);
  const bool is_number = time.kind == Kind::integer || time.kind == Kind::number;
  if (!is_number || !parse_number(time.text, request.seconds) || request.seconds < 0 ||
      request.seconds > longest_expectation_s)
    return invalid_field("seconds", a_time);
  if (request.seconds == 0) request.seconds = 0; // -0 comes back as 0
  const Value& why = fields_[reason];
  if (why.kind == Kind::absent || why.kind == Kind::null) return request;
  if (why.kind != Kind::string || !(why.text.empty() || is_name(why.text)))
    return invalid_field("reason", a_reason);
  if (!why.text.empty()) request.reason = why.text;
  return request;
}

} // namespace protocol
