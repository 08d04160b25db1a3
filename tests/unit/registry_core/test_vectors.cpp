// The vectors of docs/protocol/vectors/, whose README states their form, against decoder, registry and
// encoder.

#include "registry_core/protocol/decode.hpp"
#include "registry_core/protocol/encode.hpp"
#include "registry_core/reachable_endpoint.hpp"
#include "registry_core/registry.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

using nlohmann::json;
using namespace registry_core;

namespace {

/// Whether a value is what was expected, where `{"$any": TYPE}` expects a type alone.
bool matches(const json& expected, const json& actual) {
  if (expected.is_object() && expected.contains("$any")) {
    return expected["$any"] == "string" ? actual.is_string() : actual.is_number();
  }
  if (expected.type() != actual.type() && !(expected.is_number() && actual.is_number())) return false;
  if (!expected.is_structured()) return expected == actual;
  if (expected.size() != actual.size()) return false;
  for (const auto& [key, value] : expected.items()) {
    const auto pointer = json::json_pointer() / key;
    if (!actual.contains(pointer) || !matches(value, actual[pointer])) return false;
  }
  return true;
}

RegistryOptions options_of(const json& registry) {
  RegistryOptions options;
  options.epoch = registry.at("epoch");
  options.run = registry.at("run");
  options.takeover = registry.value("takeover", "offline") == "never" ? Takeover::never : Takeover::offline;
  options.connect_host = host_of(registry.value("registry_connect", ""));
  return options;
}

void run(const json& conversation) {
  Registry registry(options_of(conversation.at("registry")));
  protocol::Decoder decoder;
  std::string reply;
  Now now;
  int step_number = 0;
  for (const json& step : conversation.at("steps")) {
    ++step_number;
    const auto passed =
        static_cast<Nanos>(std::llround(step.value("after_s", 0.0) * 1000)) * (nanos_per_second / 1000);
    now.liveness += passed;
    now.monotonic += passed;
    const std::string peer = step.value("peer", "10.0.0.9");
    const std::string body =
        step.contains("request") ? step["request"].dump() : step.at("request_text").get<std::string>();
    const auto& request = decoder.decode(body);
    protocol::encode(registry.handle(request, {peer, now}), decoder.request_id(), reply);
    INFO("step ", step_number, ": ", body, "\nreply:    ", reply, "\nexpected: ", step.at("reply").dump());
    CHECK(matches(step["reply"], json::parse(reply)));
  }
}

// The messages 900 to 907 as JSON has their fields, one by one.

template<typename Value>
void put(json& object, const char* name, const std::optional<Value>& value) {
  if (value) object[name] = *value;
}

json process_of(const protocol::Process& process) {
  json object = json::object();
  put(object, "host", process.host);
  put(object, "pid", process.pid);
  put(object, "unit", process.unit);
  put(object, "invocation_id", process.invocation_id);
  put(object, "language", process.language);
  put(object, "version", process.version);
  return object;
}

json fields_of(const protocol::Request& request) {
  json fields;
  if (const auto* registration = std::get_if<protocol::RegisterActor>(&request)) {
    fields = {{"manager_id", registration->manager_id},
              {"actor_name", registration->actor_name},
              {"actor_endpoint", registration->actor_endpoint}};
    put(fields, "instance", registration->instance);
    if (registration->process) fields["process"] = process_of(*registration->process);
  } else if (const auto* removal = std::get_if<protocol::UnregisterActor>(&request)) {
    fields = {{"actor_name", removal->actor_name}};
    put(fields, "manager_id", removal->manager_id);
    put(fields, "instance", removal->instance);
  } else if (const auto* lookup = std::get_if<protocol::LookupActor>(&request)) {
    fields = {{"actor_name", lookup->actor_name}};
  } else if (const auto* heartbeat = std::get_if<protocol::Heartbeat>(&request)) {
    fields = {{"manager_id", heartbeat->manager_id}};
    put(fields, "instance", heartbeat->instance);
    if (heartbeat->process) fields["process"] = process_of(*heartbeat->process);
  }
  return fields;
}

/// The registry does not look at a heartbeat's time.
json without_unread(json fields) {
  fields.erase("timestamp_ms");
  return fields;
}

std::optional<std::string_view> text_of(const json& fields, const char* name) {
  const auto found = fields.find(name);
  if (found == fields.end() || found->is_null()) return std::nullopt;
  return found->get_ref<const std::string&>();
}

/// The replies' values, by number. Views point into the fields.
const std::map<int, std::function<protocol::Reply(const json&)>> replies = {
    {902,
     [](const json& fields) {
       return protocol::RegistrationOk{*text_of(fields, "actor_name"), *text_of(fields, "epoch"),
                                       fields.at("actors"), text_of(fields, "actor_endpoint"),
                                       fields.value("local_only", false)};
     }},
    {903,
     [](const json& fields) {
       REQUIRE(fields.at("code") == "taken");
       return protocol::RegistrationFailed{*text_of(fields, "actor_name"), fields.at("reason"),
                                           protocol::ErrorCode::taken};
     }},
    {905,
     [](const json& fields) {
       return protocol::LookupResult{*text_of(fields, "actor_name"), text_of(fields, "endpoint"),
                                     fields.at("online"), text_of(fields, "manager_id"),
                                     fields.value("suspect", false)};
     }},
    {907,
     [](const json& fields) {
       protocol::HeartbeatAck ack{
           *text_of(fields, "epoch"), fields.at("actors"), fields.value("superseded", false), {}};
       if (fields.contains("lost")) {
         for (const json& name : fields["lost"])
           ack.lost.emplace_back(name.get_ref<const std::string&>());
       }
       return ack;
     }},
};

std::string_view name_of_id(int id) {
  for (const auto& name : {protocol::register_actor, protocol::unregister_actor, protocol::registration_ok,
                           protocol::registration_failed, protocol::lookup_actor, protocol::lookup_result,
                           protocol::heartbeat, protocol::heartbeat_ack}) {
    if (name.id == id) return name.type;
  }
  return {};
}

} // namespace

TEST_CASE("every conversation of the vectors goes as written") {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(VECTORS_DIR)) {
    if (entry.path().extension() != ".json") continue;
    ++files;
    CAPTURE(entry.path().filename().string());
    run(json::parse(std::ifstream(entry.path())));
  }
  CHECK(files >= 13);
}

TEST_CASE("the clients' messages are read, and written, by the registry as the vectors have them") {
  const json file = json::parse(std::ifstream(std::string(VECTORS_DIR) + "/client/messages.json"));
  protocol::Decoder decoder;
  int requests = 0;
  for (const json& vector : file.at("messages")) {
    const json& wire = vector.at("wire");
    CAPTURE(wire.dump());
    CHECK(vector.at("type") == name_of_id(vector.at("id")));
    const bool is_reply = replies.contains(vector.at("id").get<int>());
    if (is_reply && vector.value("read_only", false)) continue;
    if (is_reply) {
      json expected = wire;
      expected["message_id"] = vector.at("id");
      std::string text;
      protocol::encode(replies.at(vector.at("id"))(vector.at("fields")), {}, text);
      CHECK(json::parse(text) == expected);
      continue;
    }
    ++requests;
    const std::string body = wire.dump();
    const auto& request = decoder.decode(body);
    CHECK_FALSE(std::holds_alternative<protocol::Refusal>(request));
    CHECK(fields_of(request) == without_unread(vector.at("fields")));
  }
  CHECK(requests >= 9);
}
