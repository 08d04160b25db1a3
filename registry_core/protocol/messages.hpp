#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The registry's messages as values (docs/protocol.md). Views in a request point into what was decoded,
/// views in a reply into whoever made it; neither outlives the next one.
namespace protocol {

/// What a message is called and numbered.
struct MessageName {
  std::string_view type;
  int id;
};

inline constexpr MessageName register_actor{"RegisterActor", 900};
inline constexpr MessageName unregister_actor{"UnregisterActor", 901};
inline constexpr MessageName registration_ok{"RegistrationOk", 902};
inline constexpr MessageName registration_failed{"RegistrationFailed", 903};
inline constexpr MessageName lookup_actor{"LookupActor", 904};
inline constexpr MessageName lookup_result{"LookupResult", 905};
inline constexpr MessageName heartbeat{"Heartbeat", 906};
inline constexpr MessageName heartbeat_ack{"HeartbeatAck", 907};
inline constexpr MessageName register_actors{"RegisterActors", 910};
inline constexpr MessageName registration_results{"RegistrationResults", 911};
inline constexpr MessageName lookup_actors{"LookupActors", 912};
inline constexpr MessageName lookup_results{"LookupResults", 913};
inline constexpr MessageName unregister_manager{"UnregisterManager", 914};
inline constexpr MessageName manager_unregistered{"ManagerUnregistered", 915};
inline constexpr MessageName list_actors{"ListActors", 916};
inline constexpr MessageName actor_list{"ActorList", 917};
inline constexpr MessageName list_managers{"ListManagers", 918};
inline constexpr MessageName manager_list{"ManagerList", 919};
/// Request and reply have one name and one number.
inline constexpr MessageName registry_info{"RegistryInfo", 920};
inline constexpr int registry_info_reply_id = 921;
inline constexpr MessageName expect_offline{"ExpectOffline", 922};
inline constexpr MessageName expected{"Expected", 923};
inline constexpr MessageName error_reply{"Error", 929};

enum class ErrorCode : std::uint8_t {
  bad_json,
  unknown_type,
  missing_field,
  invalid_field,
  too_large,
  limit,          ///< the registry, or a manager, holds as much as it may
  not_authorized, ///< the peer may not do that
  unavailable,    ///< it can't be stored now
  taken,          ///< of RegistrationFailed alone: the name is another manager's
  superseded,     ///< of RegistrationFailed alone: a newer life of the manager has spoken
};
inline constexpr std::size_t error_codes = 10;

/// As it stands in a reply.
std::string_view name_of(ErrorCode code) noexcept;

/// What a request is echoed by: a string, an integer of 64 bits, or nothing.
struct RequestId {
  enum class Kind : std::uint8_t { none, string, integer };
  Kind kind = Kind::none;
  std::string_view text; ///< of an integer: its digits
};

/// Who a manager is to systemd, as it says itself. Every field may be absent.
struct Process {
  std::optional<std::string_view> host;
  std::optional<std::int64_t> pid;
  std::optional<std::string_view> unit;
  std::optional<std::string_view> invocation_id;
  std::optional<std::string_view> language;
  std::optional<std::string_view> version;
};

struct RegisterActor {
  std::string_view manager_id, actor_name, actor_endpoint;
  std::optional<std::string_view> instance;
  std::optional<Process> process;
};

struct UnregisterActor {
  std::string_view actor_name;
  std::optional<std::string_view> manager_id, instance;
};

struct LookupActor {
  std::string_view actor_name;
};

struct Heartbeat {
  std::string_view manager_id;
  std::optional<std::string_view> instance;
  std::optional<Process> process;
};

/// Each name is acted upon by itself: some may fail.
struct RegisterActors {
  struct Entry {
    std::string_view actor_name, actor_endpoint;
    /// Not empty: this one is refused, since a field of it is wrong or its name stands there before. Names
    /// the field and what was expected.
    std::string fault = {};
    ErrorCode fault_code = ErrorCode::invalid_field;
  };
  std::string_view manager_id;
  std::vector<Entry> actors;
  std::optional<std::string_view> instance;
  std::optional<Process> process;
};

struct LookupActors {
  std::vector<std::string_view> actor_names;
};

/// A goodbye: the manager is offline at once. With `forget` it and its names are gone.
struct UnregisterManager {
  std::string_view manager_id;
  std::optional<std::string_view> instance;
  bool forget = false;
};

/// The manager's next timeout, within so many seconds, is planned. 0: not any more.
struct ExpectOffline {
  std::string_view manager_id;
  double seconds = 0; ///< 0 to longest_expectation_s
  std::optional<std::string_view> reason;
};
inline constexpr double longest_expectation_s = 30.0 * 24 * 3600;

/// Lists are by name. A page begins behind the name `after` and has `limit` entries at most.
struct ListActors {
  std::string_view pattern = {}; ///< a glob; empty: all
  std::optional<std::string_view> manager_id = {};
  std::optional<bool> online = {};
  std::string_view after = {};
  std::optional<std::uint64_t> limit = {};
};

struct ListManagers {
  std::string_view pattern;
  std::string_view after;
  std::optional<std::uint64_t> limit;
};

struct RegistryInfo {};

/// A request that can't be acted upon, and why. \sa is_registration
struct Refusal {
  ErrorCode code = ErrorCode::bad_json;
  std::string error; ///< names the field and what was expected
  /// It was a RegisterActor or UnregisterActor, so that the answer is a RegistrationFailed.
  bool is_registration = false;
  std::string_view actor_name; ///< of a registration, as far as it is known
};

using Request =
    std::variant<Refusal, RegisterActor, UnregisterActor, LookupActor, Heartbeat, RegisterActors,
                 LookupActors, UnregisterManager, ListActors, ListManagers, RegistryInfo, ExpectOffline>;

struct RegistrationOk {
  std::string_view actor_name, epoch;
  std::uint64_t actors = 0;
  std::optional<std::string_view> actor_endpoint; ///< where another was stored than was sent
  bool local_only = false;
};

struct RegistrationFailed {
  std::string_view actor_name;
  std::string reason;
  ErrorCode code = ErrorCode::invalid_field;
};

struct LookupResult {
  std::string_view actor_name;
  std::optional<std::string_view> endpoint;
  bool online = false;
  std::optional<std::string_view> manager_id;
  bool suspect = false; ///< online although its manager was not heard: see `mass_timeout_guard`
};

struct HeartbeatAck {
  std::string_view epoch;
  std::uint64_t actors = 0;
  bool superseded = false;
  std::vector<std::string_view> lost; ///< at most most_lost
};
inline constexpr std::size_t most_lost = 100;

struct RegistrationResult {
  std::string_view actor_name;
  bool ok = false;
  std::string reason; ///< where it is not ok
  ErrorCode code = ErrorCode::invalid_field;
  std::optional<std::string_view> actor_endpoint; ///< where another was stored than was sent
  bool local_only = false;
};

struct RegistrationResults {
  std::string_view epoch;
  std::uint64_t actors = 0;
  std::vector<RegistrationResult> results; ///< in the order of the request
};

struct LookupResults {
  std::vector<LookupResult> results; ///< in the order of the request
};

struct ManagerUnregistered {
  std::uint64_t actors = 0; ///< names that went offline, or are gone
};

/// What is expected now; 0 seconds: nothing, or there is no such manager.
struct Expected {
  std::string_view manager_id;
  double seconds = 0;
};

struct ActorRow {
  std::string_view actor_name, endpoint, manager_id;
  bool online = false;
  bool suspect = false;
};

struct ActorList {
  std::vector<ActorRow> actors;
  std::optional<std::string_view> next; ///< there may be more: ask again with this as `after`
  std::string_view epoch, run;
  std::uint64_t seq = 0;
};

struct Expectation {
  double seconds = 0; ///< left
  std::optional<std::string_view> reason;
};

struct ManagerRow {
  std::string_view manager_id;
  bool online = false;
  bool suspect = false;
  std::optional<double> age_s; ///< absent: not heard since the registry started; null in the reply
  std::uint64_t actors = 0;
  std::optional<std::string_view> instance;
  std::optional<Process> process;
  std::string_view address;
  std::optional<Expectation> expected;
};

struct ManagerList {
  std::vector<ManagerRow> managers;
  std::optional<std::string_view> next;
  std::string_view run;
  std::uint64_t seq = 0;
};

struct Count {
  std::string_view name;
  std::uint64_t value = 0;
};

struct RegistryInfoReply {
  std::string_view version, epoch, run, store;
  double uptime_s = 0;
  std::vector<Count> counts, counters;
  std::optional<std::string> events_endpoint; ///< as the asking peer can reach it
  std::vector<std::string_view> warnings;
};

struct Error {
  ErrorCode code = ErrorCode::bad_json;
  std::string error;
};

using Reply =
    std::variant<Error, RegistrationOk, RegistrationFailed, LookupResult, HeartbeatAck, RegistrationResults,
                 LookupResults, ManagerUnregistered, ActorList, ManagerList, RegistryInfoReply, Expected>;

/// The answer to a request that was refused before the registry saw it.
Reply reply_to(const Refusal& refusal);

} // namespace protocol
