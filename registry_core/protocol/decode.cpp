#include "registry_core/protocol/decode.hpp"

#include "registry_core/protocol/names.hpp"

#include <charconv>

namespace protocol {

namespace {

using Event = JsonReader::Event;

constexpr std::string_view a_name = "a string of 1 to 255 bytes without control characters";
constexpr std::string_view a_manager_id = "a string of 1 to 255 bytes without control characters and / * ? [";
constexpr std::string_view an_endpoint =
    "an endpoint that others can connect to: tcp://host:port, tcp://[IPv6]:port or ipc://path";

Refusal invalid(std::string_view field, std::string_view expected) {
  return {ErrorCode::invalid_field, std::string(field).append(": expected ").append(expected), false, {}};
}

Refusal missing(std::string_view field, std::string_view expected) {
  return {ErrorCode::missing_field,
          std::string(field).append(": missing; expected ").append(expected),
          false,
          {}};
}

/// What a peer sent, short enough to be sent back in a sentence.
std::string excerpt(std::string_view text) {
  constexpr std::size_t longest = 64;
  if (text.size() <= longest) return std::string(text);
  std::size_t length = longest;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
    --length;
  return std::string(text.substr(0, length)) + "...";
}

template<typename Number>
bool parse_integer(std::string_view text, Number& number) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc() && end == text.data() + text.size();
}

bool fits_64_bits(std::string_view integer) {
  std::int64_t with_sign = 0;
  std::uint64_t without = 0;
  return parse_integer(integer, with_sign) || parse_integer(integer, without);
}

} // namespace

Decoder::Field Decoder::field_of(std::string_view key) noexcept {
  static constexpr std::array<std::string_view, field_count> names = {
      "message_type", "message_id", "request_id", "manager_id", "actor_name", "actor_endpoint",
      "instance",     "process",    "pattern",    "online",     "after",      "limit"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (key == names[i]) return static_cast<Field>(i);
  }
  return field_count;
}

Decoder::ProcessField Decoder::process_field_of(std::string_view key) noexcept {
  static constexpr std::array<std::string_view, process_field_count> names = {
      "host", "pid", "unit", "invocation_id", "language", "version"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (key == names[i]) return static_cast<ProcessField>(i);
  }
  return process_field_count;
}

Decoder::Value Decoder::value_of(Event event) const noexcept {
  switch (event) {
  case Event::string: return {Kind::string, false, reader_.text()};
  case Event::integer: return {Kind::integer, false, reader_.text()};
  case Event::number: return {Kind::number, false, reader_.text()};
  case Event::boolean: return {Kind::boolean, reader_.boolean(), {}};
  case Event::null: return {Kind::null, false, {}};
  default: return {Kind::structure, false, {}};
  }
}

const Request& Decoder::decode(std::string_view body) {
  reader_.start(body);
  fields_.fill({});
  process_fields_.fill({});
  request_id_ = {};
  if (!read_document()) {
    take_request_id();
    request_ = bad_json();
  } else if (!take_request_id()) {
    request_ = invalid("request_id", "a string or an integer of 64 bits");
  } else {
    request_ = interpret();
  }
  return request_;
}

/// Collects the values of the fields that any request knows; whatever else stands there is read and
/// forgotten.
bool Decoder::read_document() {
  Event event = reader_.next();
  const bool object = event == Event::begin_object;
  field_ = field_count;
  process_field_ = process_field_count;
  in_process_ = false;
  for (; event != Event::end && event != Event::fault; event = reader_.next()) {
    if (object) read_member(event);
  }
  return object && event == Event::end;
}

void Decoder::read_member(Event event) {
  const std::size_t depth = reader_.depth();
  const bool opens = event == Event::begin_object || event == Event::begin_array;
  if (event == Event::key && depth == 1) {
    field_ = field_of(reader_.text());
    in_process_ = false;
  } else if (event == Event::key && depth == 2 && in_process_) {
    process_field_ = process_field_of(reader_.text());
  } else if (event == Event::key || event == Event::end_object || event == Event::end_array) {
    return;
  } else if (field_ != field_count && depth == (opens ? 2U : 1U)) {
    fields_[field_] = value_of(event);
    in_process_ = field_ == process && event == Event::begin_object;
    if (in_process_) fields_[field_].boolean = true;
  } else if (in_process_ && process_field_ != process_field_count && depth == (opens ? 3U : 2U)) {
    process_fields_[process_field_] = value_of(event);
  }
}

Refusal Decoder::bad_json() const {
  std::string error = "expected one JSON object";
  if (!reader_.fault().empty()) {
    error.append("; byte ").append(std::to_string(reader_.position())).append(": ").append(reader_.fault());
    if (!reader_.duplicate().empty()) error.append(" ('").append(excerpt(reader_.duplicate())).append("')");
  }
  return {ErrorCode::bad_json, std::move(error), false, {}};
}

bool Decoder::take_request_id() {
  const Value& value = fields_[request_id_field];
  if (value.kind == Kind::absent || value.kind == Kind::null) return true;
  if (value.kind == Kind::string) {
    request_id_ = {RequestId::Kind::string, value.text};
    return true;
  }
  if (value.kind != Kind::integer || !fits_64_bits(value.text)) return false;
  request_id_ = {RequestId::Kind::integer, value.text};
  return true;
}

Request Decoder::interpret() {
  const Value& type = fields_[message_type];
  if (type.kind == Kind::absent || type.kind == Kind::null) return interpret_number();
  if (type.kind != Kind::string) return invalid("message_type", "a string");
  if (type.text == protocol::lookup_actor.type) return interpret_lookup();
  if (type.text == protocol::heartbeat.type) return interpret_heartbeat();
  if (type.text == protocol::register_actor.type) return interpret_register();
  if (type.text == protocol::unregister_actor.type) return interpret_unregister();
  if (type.text == protocol::list_actors.type) return interpret_list_actors();
  if (type.text == protocol::list_managers.type) return interpret_list_managers();
  if (type.text == protocol::registry_info.type) return RegistryInfo{};
  return Refusal{
      ErrorCode::unknown_type, "message_type: no request is named '" + excerpt(type.text) + "'", false, {}};
}

Request Decoder::interpret_number() {
  const Value& id = fields_[message_id];
  if (id.kind == Kind::absent || id.kind == Kind::null)
    return missing("message_type", "the name of a request");
  if (id.kind != Kind::integer) return invalid("message_id", "an integer");
  int number = 0;
  parse_integer(id.text, number);
  switch (number) {
  case protocol::lookup_actor.id: return interpret_lookup();
  case protocol::heartbeat.id: return interpret_heartbeat();
  case protocol::register_actor.id: return interpret_register();
  case protocol::unregister_actor.id: return interpret_unregister();
  case protocol::list_actors.id: return interpret_list_actors();
  case protocol::list_managers.id: return interpret_list_managers();
  case protocol::registry_info.id: return RegistryInfo{};
  default: break;
  }
  return Refusal{
      ErrorCode::unknown_type, "message_id: no request has the number " + excerpt(id.text), false, {}};
}

Request Decoder::interpret_register() {
  RegisterActor request;
  if (Fault fault = required_name(manager_id, true, request.manager_id)) return as_registration(*fault);
  if (Fault fault = required_name(actor_name, false, request.actor_name)) return as_registration(*fault);
  const Value& endpoint = fields_[actor_endpoint];
  if (endpoint.kind == Kind::absent) return as_registration(missing("actor_endpoint", an_endpoint));
  if (endpoint.kind != Kind::string || !is_actor_endpoint(endpoint.text)) {
    return as_registration(invalid("actor_endpoint", an_endpoint));
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
  const Value& filter = fields_[online];
  if (filter.kind == Kind::boolean) {
    request.online = filter.boolean;
  } else if (filter.kind != Kind::absent && filter.kind != Kind::null) {
    return invalid("online", "true or false");
  }
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

Refusal Decoder::as_registration(Refusal refusal) const {
  refusal.is_registration = true;
  if (fields_[actor_name].kind == Kind::string) refusal.actor_name = fields_[actor_name].text;
  return refusal;
}

Decoder::Fault Decoder::required_name(Field field, bool manager, std::string_view& into) const {
  const Value& value = fields_[field];
  const std::string_view name = field == manager_id ? "manager_id" : "actor_name";
  const std::string_view expected = manager ? a_manager_id : a_name;
  if (value.kind == Kind::absent) return missing(name, expected);
  const bool good = value.kind == Kind::string && (manager ? is_manager_id(value.text) : is_name(value.text));
  if (!good) return invalid(name, expected);
  into = value.text;
  return std::nullopt;
}

/// A field that may be absent may be null as well: that is how many a language's serializer writes absence.
Decoder::Fault Decoder::optional_name(Field field, bool manager,
                                      std::optional<std::string_view>& into) const {
  const Value& value = fields_[field];
  if (value.kind == Kind::absent || value.kind == Kind::null) return std::nullopt;
  const bool good = value.kind == Kind::string && (manager ? is_manager_id(value.text) : is_name(value.text));
  if (!good) return manager ? invalid("manager_id", a_manager_id) : invalid("instance", a_name);
  into = value.text;
  return std::nullopt;
}

Decoder::Fault Decoder::optional_text(Field field, std::string_view& into) const {
  const Value& value = fields_[field];
  if (value.kind == Kind::absent || value.kind == Kind::null) return std::nullopt;
  if (value.kind != Kind::string || value.text.size() > longest_name) {
    return invalid(field == pattern ? "pattern" : "after", "a string of at most 255 bytes");
  }
  into = value.text;
  return std::nullopt;
}

Decoder::Fault Decoder::optional_limit(std::optional<std::uint64_t>& into) const {
  const Value& value = fields_[limit];
  if (value.kind == Kind::absent || value.kind == Kind::null) return std::nullopt;
  std::uint64_t number = 0;
  if (value.kind != Kind::integer || !parse_integer(value.text, number) || number == 0) {
    return invalid("limit", "a positive integer");
  }
  into = number;
  return std::nullopt;
}

Decoder::Fault Decoder::read_process(std::optional<Process>& into) const {
  const Value& value = fields_[process];
  if (value.kind == Kind::absent || value.kind == Kind::null) return std::nullopt;
  const bool object = value.kind == Kind::structure && value.boolean;
  if (!object) return invalid("process", "an object");
  Process& result = into.emplace();
  const std::array<std::pair<ProcessField, std::optional<std::string_view>*>, 5> texts = {{
      {host, &result.host},
      {unit, &result.unit},
      {invocation_id, &result.invocation_id},
      {language, &result.language},
      {version, &result.version},
  }};
  static constexpr std::array<std::string_view, 5> names = {
      "process.host", "process.unit", "process.invocation_id", "process.language", "process.version"};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Value& text = process_fields_[texts[i].first];
    if (text.kind == Kind::absent || text.kind == Kind::null) continue;
    const bool good = text.kind == Kind::string && (text.text.empty() || is_name(text.text));
    if (!good) return invalid(names[i], "a string of at most 255 bytes without control characters");
    *texts[i].second = text.text;
  }
  const Value& number = process_fields_[pid];
  if (number.kind == Kind::absent || number.kind == Kind::null) return std::nullopt;
  std::int64_t parsed = 0;
  if (number.kind != Kind::integer || !parse_integer(number.text, parsed) || parsed < 1) {
    return invalid("process.pid", "a positive integer");
  }
  result.pid = parsed;
  return std::nullopt;
}

} // namespace protocol
