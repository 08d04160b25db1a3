#include "clients/cpp/src/replies.hpp"

namespace actors::registry {

namespace {

template<typename Value>
std::optional<Value> optional_member(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || found->is_null()) return std::nullopt;
  return found->get<Value>();
}

ProcessInfo process_info(const Json& json) {
  ProcessInfo process;
  process.host = optional_member<std::string>(json, "host");
  process.pid = optional_member<std::int64_t>(json, "pid");
  process.unit = optional_member<std::string>(json, "unit");
  process.invocation_id = optional_member<std::string>(json, "invocation_id");
  process.language = optional_member<std::string>(json, "language");
  process.version = optional_member<std::string>(json, "version");
  return process;
}

std::optional<ExpectedOffline> expected_offline(const Json& json) {
  const auto expected = optional_member<Json>(json, "expected");
  if (!expected) return std::nullopt;
  return ExpectedOffline{expected->at("seconds").get<double>(),
                         optional_member<std::string>(*expected, "reason").value_or("")};
}

[[noreturn]] void throw_error(const Json& error, const std::string& endpoint) {
  const std::string code = error.value("code", "");
  std::string text = "registry " + endpoint + ": " + error.value("error", "unknown error");
  if (code == "unavailable") text += "; nothing was changed, and it may be tried again";
  if (code == "not_authorized") throw NotAuthorizedError(text);
  throw RegistryError(text, code);
}

} // namespace

Json expect_reply(Json reply, std::string_view message_type, const std::string& endpoint) {
  if (reply.value("message_type", "") != message_type) throw_refusal(reply, endpoint);
  return reply;
}

void throw_refusal(const Json& reply, const std::string& endpoint) {
  const std::string type = reply.value("message_type", "");
  if (type == "RegistrationFailed") {
    throw RegistrationFailedError(reply.value("actor_name", ""), reply.value("reason", ""),
                                  reply.value("code", ""));
  }
  if (type == "Error") throw_error(reply, endpoint);
  throw RegistryError("registry " + endpoint + ": unexpected reply '" + type + "'");
}

FoundActor found_actor(const Json& json) {
  return {json.at("actor_name").get<std::string>(), optional_member<std::string>(json, "endpoint"),
          json.at("online").get<bool>(), json.value("suspect", false),
          optional_member<std::string>(json, "manager_id")};
}

ActorEntry actor_entry(const Json& json) {
  return {json.at("actor_name").get<std::string>(), json.at("endpoint").get<std::string>(),
          json.at("manager_id").get<std::string>(), json.at("online").get<bool>(),
          json.value("suspect", false)};
}

ManagerEntry manager_entry(const Json& json) {
  ManagerEntry entry;
  entry.manager_id = json.at("manager_id").get<std::string>();
  entry.online = json.at("online").get<bool>();
  entry.suspect = json.value("suspect", false);
  entry.age_s = optional_member<double>(json, "age_s");
  entry.actors = json.at("actors").get<std::uint64_t>();
  entry.instance = optional_member<std::string>(json, "instance");
  if (const auto process = optional_member<Json>(json, "process")) entry.process = process_info(*process);
  entry.address = optional_member<std::string>(json, "address").value_or("");
  entry.expected = expected_offline(json);
  return entry;
}

RegistryStatus registry_status(const Json& json) {
  RegistryStatus status;
  status.version = json.at("version").get<std::string>();
  status.epoch = json.at("epoch").get<std::string>();
  status.run = json.at("run").get<std::string>();
  status.store = json.at("store").get<std::string>();
  status.uptime_s = json.at("uptime_s").get<double>();
  status.counts = json.at("counts").get<std::map<std::string, std::uint64_t>>();
  status.counters = json.at("counters").get<std::map<std::string, std::uint64_t>>();
  status.events_endpoint = optional_member<std::string>(json, "events_endpoint");
  status.warnings = json.at("warnings").get<std::vector<std::string>>();
  return status;
}

RegistryEvent registry_event(const Json& json) {
  RegistryEvent event;
  event.event = json.at("event").get<std::string>();
  event.run = json.at("run").get<std::string>();
  event.seq = json.at("seq").get<std::uint64_t>();
  event.epoch = json.value("epoch", "");
  event.time = json.value("time", "");
  event.actor_name = json.value("actor_name", "");
  event.manager_id = json.value("manager_id", "");
  event.endpoint = json.value("endpoint", "");
  event.from_manager_id = json.value("from_manager_id", "");
  event.instance = json.value("instance", "");
  event.expected = json.value("expected", false);
  event.reason = json.value("reason", "");
  return event;
}

Json process_json(const ProcessInfo& process) {
  Json json = Json::object();
  const auto add = [&json](const char* name, const auto& value) {
    if (value) json[name] = *value;
  };
  add("host", process.host);
  add("pid", process.pid);
  add("unit", process.unit);
  add("invocation_id", process.invocation_id);
  add("language", process.language);
  add("version", process.version);
  return json;
}

} // namespace actors::registry
