#pragma once

#include "registry_core/protocol/json_reader.hpp"
#include "registry_core/protocol/messages.hpp"

#include <array>
#include <vector>

namespace protocol {

/// Reads requests. One object serves any number of them, one after the other, and allocates nothing for an
/// ordinary one once it has grown to the size of what it is given.
class Decoder {
public:
  /// Never throws for what the bytes are: a request that is none is a Refusal. Its views point into `body`
  /// and into this object, and are good until the next call.
  const Request& decode(std::string_view body) { return decode(body, {}); }
  /// The fields of a message whose type stands elsewhere, in its envelope; what it says of its own type does
  /// not count.
  const Request& decode(std::string_view body, std::string_view envelope_type);

  /// Of the latest request: also of a refused one, as far as it could be read.
  [[nodiscard]] const RequestId& request_id() const noexcept { return request_id_; }

private:
  enum class Kind : std::uint8_t { absent, null, string, integer, number, boolean, object, array };
  struct Value {
    Kind kind = Kind::absent;
    bool boolean = false;
    std::string_view text;
  };
  enum Field : std::uint8_t {
    message_type,
    message_id,
    request_id_field,
    manager_id,
    actor_name,
    actor_endpoint,
    instance,
    process,
    pattern,
    online,
    after,
    limit,
    actors,
    actor_names,
    forget,
    seconds,
    reason,
    field_count,
  };
  enum ProcessField : std::uint8_t { host, pid, unit, invocation_id, language, version, process_field_count };
  using Fault = std::optional<Refusal>;
  /// One of `actors`.
  struct Element {
    Kind kind = Kind::absent;
    Value actor_name, actor_endpoint;
  };

  static Field field_of(std::string_view key) noexcept;
  static ProcessField process_field_of(std::string_view key) noexcept;
  [[nodiscard]] Value value_of(JsonReader::Event event) const noexcept;
  bool read_flat(std::string_view body);
  bool read_any(std::string_view body);
  bool read_document();
  void read_member(JsonReader::Event event);
  void clear();
  void read_value(JsonReader::Event event);
  void read_in_process(JsonReader::Event event, bool is_key);
  void read_in_actors(JsonReader::Event event, bool is_key);
  [[nodiscard]] Refusal bad_json() const;
  bool take_request_id();

  Request interpret(std::string_view envelope_type);
  Request interpret_number();
  Request interpret_type(std::string_view type);
  Request interpret_register();
  Request interpret_unregister();
  Request interpret_lookup();
  Request interpret_heartbeat();
  Request interpret_register_many();
  Request interpret_lookup_many();
  Request interpret_unregister_manager();
  Request interpret_list_actors();
  Request interpret_list_managers();
  Request interpret_expect_offline();

  [[nodiscard]] Refusal as_registration(Refusal refusal) const;
  Fault required_name(Field field, bool manager, std::string_view& into) const;
  Fault optional_name(Field field, bool manager, std::optional<std::string_view>& into) const;
  Fault optional_text(Field field, std::string_view& into) const;
  Fault optional_limit(std::optional<std::uint64_t>& into) const;
  Fault optional_bool(Field field, std::string_view name, std::optional<bool>& into) const;
  [[nodiscard]] RegisterActors::Entry entry(std::size_t index) const;
  Fault read_process(std::optional<Process>& into) const;

  JsonReader reader_;
  std::uint32_t seen_ = 0; ///< bits of the fields that are not absent; the others need no clearing
  std::array<Value, field_count> fields_;
  std::array<Value, process_field_count> process_fields_;
  std::vector<Element> elements_; ///< of `actors`
  std::vector<Value> names_;      ///< of `actor_names`
  std::size_t element_field_ = 0; ///< of the key that was read last in an element
  Field inside_ = field_count;    ///< the structure at the top that is being read
  Field field_ = field_count;
  ProcessField process_field_ = process_field_count;
  RequestId request_id_;
  Request request_;
};

} // namespace protocol
