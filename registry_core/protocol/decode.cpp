#include "registry_core/protocol/decode.hpp"

#include "registry_core/protocol/eight_bytes.hpp"
#include "registry_core/protocol/field_text.hpp"
#include "registry_core/protocol/flat_object.hpp"

#include <algorithm>
#include <bit>

namespace protocol {

namespace {

using Event = JsonReader::Event;

/// A key of 1 to 16 bytes in two words, which are compared faster than bytes.
class KnownKey {
public:
  template<std::size_t Size>
  consteval KnownKey(const char (&key)[Size]) // NOLINT: it stands for the literal
      : KnownKey(std::string_view(key, Size - 1)) {
    static_assert(Size > 1 && Size - 1 <= 2 * word);
  }
  /// Absent where it has another length.
  static std::optional<KnownKey> of(std::string_view key) noexcept {
    using namespace eight_bytes;
    const std::size_t size = key.size();
    if (size == 0 || size > 2 * word) return std::nullopt;
    if (size < word) return KnownKey(size, load_few(key.data(), size), 0);
    return KnownKey(size, load(key.data()), load(key.data() + size - word));
  }
  bool operator==(const KnownKey&) const = default;

private:
  static constexpr std::size_t word = eight_bytes::size;

  consteval explicit KnownKey(std::string_view key)
      : KnownKey(key.size(), eight_bytes::packed(key.substr(0, word)),
                 key.size() < word ? 0 : eight_bytes::packed(key.substr(key.size() - word))) {}
  constexpr KnownKey(std::size_t size, std::uint64_t first, std::uint64_t last) noexcept
      : first_(first), last_(last), size_(size) {}

  std::uint64_t first_, last_;
  std::size_t size_;
};

bool fits_64_bits(std::string_view integer) {
  std::int64_t with_sign = 0;
  std::uint64_t without = 0;
  return parse_number(integer, with_sign) || parse_number(integer, without);
}

} // namespace

Decoder::Field Decoder::field_of(std::string_view key) noexcept {
  static constexpr std::array<KnownKey, field_count> names = {
      "message_type", "message_id",  "request_id", "manager_id", "actor_name", "actor_endpoint",
      "instance",     "process",     "pattern",    "online",     "after",      "limit",
      "actors",       "actor_names", "forget",     "seconds",    "reason"};
  const auto one = KnownKey::of(key);
  if (!one) return field_count;
  return static_cast<Field>(std::find(names.begin(), names.end(), *one) - names.begin());
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
  case Event::begin_array: return {Kind::array, false, {}};
  default: return {Kind::object, false, {}};
  }
}

const Request& Decoder::decode(std::string_view body, std::string_view envelope_type) {
  request_id_ = {};
  if (!read_flat(body) && !read_any(body)) {
    take_request_id();
    request_ = bad_json();
  } else if (!take_request_id()) {
    request_ = invalid_field("request_id", "a string or an integer of 64 bits");
  } else {
    request_ = interpret(envelope_type);
  }
  return request_;
}

void Decoder::clear() {
  if ((seen_ >> process & 1U) != 0) process_fields_.fill({});
  for (; seen_ != 0; seen_ &= seen_ - 1)
    fields_[static_cast<std::size_t>(std::countr_zero(seen_))] = {};
  elements_.clear();
  names_.clear();
}

bool Decoder::read_flat(std::string_view body) {
  clear();
  return FlatObject::read(body, [this](std::string_view key, std::string_view text, bool is_string) {
    const Field field = field_of(key);
    if (field == field_count || (seen_ >> field & 1U) != 0) return false;
    fields_[field] = {is_string ? Kind::string : Kind::integer, false, text};
    seen_ |= 1U << field;
    return true;
  });
}

bool Decoder::read_any(std::string_view body) {
  clear();
  reader_.start(body);
  return read_document();
}

/// Collects the values of the fields that any request knows; whatever else stands there is read and
/// forgotten.
bool Decoder::read_document() {
  Event event = reader_.next();
  const bool object = event == Event::begin_object;
  field_ = inside_ = field_count;
  process_field_ = process_field_count;
  for (; event != Event::end && event != Event::fault; event = reader_.next()) {
    if (object) read_member(event);
  }
  return object && event == Event::end;
}

void Decoder::read_member(Event event) {
  const bool is_key = event == Event::key;
  if (is_key && reader_.depth() == 1) {
    field_ = field_of(reader_.text());
    inside_ = field_count;
  } else if (event == Event::end_object || event == Event::end_array) {
    return;
  } else if (inside_ == process) {
    read_in_process(event, is_key);
  } else if (inside_ == actors) {
    read_in_actors(event, is_key);
  } else if (inside_ == actor_names) {
    const bool opens = event == Event::begin_object || event == Event::begin_array;
    if (reader_.depth() == (opens ? 3U : 2U)) names_.push_back(value_of(event));
  } else if (field_ != field_count) {
    read_value(event);
  }
}

void Decoder::read_value(Event event) {
  const bool opens = event == Event::begin_object || event == Event::begin_array;
  if (reader_.depth() != (opens ? 2U : 1U)) return;
  fields_[field_] = value_of(event);
  seen_ |= 1U << field_;
  const bool expected = field_ == process                           ? event == Event::begin_object
                        : field_ == actors || field_ == actor_names ? event == Event::begin_array
                                                                    : false;
  if (expected) inside_ = field_;
}

void Decoder::read_in_process(Event event, bool is_key) {
  const bool opens = event == Event::begin_object || event == Event::begin_array;
  if (reader_.depth() != (opens ? 3U : 2U)) return;
  if (is_key) {
    process_field_ = process_field_of(reader_.text());
  } else if (process_field_ != process_field_count) {
    process_fields_[process_field_] = value_of(event);
  }
}

void Decoder::read_in_actors(Event event, bool is_key) {
  const bool opens = event == Event::begin_object || event == Event::begin_array;
  const std::size_t depth = reader_.depth() - (opens ? 1U : 0U);
  if (depth == 2) {
    elements_.push_back({value_of(event).kind, {}, {}});
  } else if (depth == 3 && elements_.back().kind == Kind::object) {
    if (is_key) {
      element_field_ = field_of(reader_.text());
    } else if (element_field_ == actor_name) {
      elements_.back().actor_name = value_of(event);
    } else if (element_field_ == actor_endpoint) {
      elements_.back().actor_endpoint = value_of(event);
    }
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

} // namespace protocol
