#include "registry_core/protocol/decode.hpp"
#include "registry_core/protocol/field_text.hpp"
#include "registry_core/protocol/names.hpp"

namespace protocol {

Refusal Decoder::as_registration(Refusal refusal) const {
  refusal.is_registration = true;
  if (fields_[actor_name].kind == Kind::string) refusal.actor_name = fields_[actor_name].text;
  return refusal;
}

Decoder::Fault Decoder::required_name(Field field, bool manager, std::string_view& into) const {
  const Value& value = fields_[field];
  const std::string_view name = field == manager_id ? "manager_id" : "actor_name";
  const std::string_view expected = manager ? a_manager_id : a_name;
  if (value.kind == Kind::absent) return missing_field(name, expected);
  const bool good = value.kind == Kind::string && (manager ? is_manager_id(value.text) : is_name(value.text));
  if (!good) return invalid_field(name, expected);
  into = value.text;
  return std::nullopt;
}

/// A field that may be absent may be null as well: that is how many a language's serializer writes absence.
Decoder::Fault Decoder::optional_name(Field field, bool manager,
                                      std::optional<std::string_view>& into) const {
  const Value& value = fields_[field];
  if (value.kind == Kind::absent || value.kind == Kind::null) return std::nullopt;
  const bool good = value.kind == Kind::string && (manager ? is_manager_id(value.text) : is_name(value.text));
  if (!good) return manager ? invalid_field("manager_id", a_manager_id) : invalid_field("instance", a_name);
  into = value.text;
  return std::nullopt;
}

Decoder::Fault Decoder::optional_text(Field field, std::string_view& into) const {
  const Value& value = fields_[field];
  if (value.kind == Kind::absent || value.kind == Kind::null) return std::nullopt;
  if (value.kind != Kind::string || value.text.size() > longest_name) {
    return invalid_field(field == pattern ? "pattern" : "after", "a string of at most 255 bytes");
  }
  into = value.text;
  return std::nullopt;
}

Decoder::Fault Decoder::optional_limit(std::optional<std::uint64_t>& into) const {
  const Value& value = fields_[limit];
  if (value.kind == Kind::absent || value.kind == Kind::null) return std::nullopt;
  std::uint64_t number = 0;
  if (value.kind != Kind::integer || !parse_number(value.text, number) || number == 0) {
    return invalid_field("limit", "a positive integer");
  }
  into = number;
  return std::nullopt;
}

Decoder::Fault Decoder::read_process(std::optional<Process>& into) const {
  const Value& value = fields_[process];
  if (value.kind == Kind::absent || value.kind == Kind::null) return std::nullopt;
  if (value.kind != Kind::object) return invalid_field("process", "an object");
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
    if (!good) return invalid_field(names[i], "a string of at most 255 bytes without control characters");
    *texts[i].second = text.text;
  }
  const Value& number = process_fields_[pid];
  if (number.kind == Kind::absent || number.kind == Kind::null) return std::nullopt;
  std::int64_t parsed = 0;
  if (number.kind != Kind::integer || !parse_number(number.text, parsed) || parsed < 1) {
    return invalid_field("process.pid", "a positive integer");
  }
  result.pid = parsed;
  return std::nullopt;
}

Decoder::Fault Decoder::optional_bool(Field field, std::string_view name, std::optional<bool>& into) const {
  const Value& value = fields_[field];
  if (value.kind == Kind::absent || value.kind == Kind::null) return std::nullopt;
  if (value.kind != Kind::boolean) return invalid_field(name, "true or false");
  into = value.boolean;
  return std::nullopt;
}

/// A wrong name or endpoint refuses this entry, not its neighbours.
RegisterActors::Entry Decoder::entry(std::size_t index) const {
  const Element& element = elements_[index];
  RegisterActors::Entry entry;
  if (element.actor_name.kind == Kind::string) entry.actor_name = element.actor_name.text;
  const auto refuse = [&](const Value& value, const char* field, std::string_view expected) {
    const std::string name = "actors[" + std::to_string(index) + "]." + field;
    Refusal refusal =
        value.kind == Kind::absent ? missing_field(name, expected) : invalid_field(name, expected);
    entry.fault = std::move(refusal.error);
    entry.fault_code = refusal.code;
  };
  const Value& endpoint = element.actor_endpoint;
  if (element.actor_name.kind != Kind::string || !is_name(element.actor_name.text)) {
    refuse(element.actor_name, "actor_name", a_name);
  } else if (endpoint.kind != Kind::string || !is_actor_endpoint(endpoint.text)) {
    refuse(endpoint, "actor_endpoint", an_endpoint);
  } else {
    entry.actor_endpoint = endpoint.text;
  }
  return entry;
}

} // namespace protocol
