#include "registry_core/protocol/encode.hpp"

#include "registry_core/protocol/json_writer.hpp"

namespace protocol {

namespace {

/// What every reply of a type begins with.
std::string beginning_of(MessageName name) {
  std::string text;
  ObjectWriter object(text);
  object.member("message_type", name.type);
  object.member("message_id", name.id);
  return text;
}

void append_request_id(ObjectWriter& object, std::string& out, const RequestId& request_id) {
  if (request_id.kind == RequestId::Kind::string) object.member("request_id", request_id.text);
  if (request_id.kind != RequestId::Kind::integer) return;
  object.key("request_id");
  out.append(request_id.text);
}

void append_counts(std::string& out, const std::vector<Count>& counts) {
  ObjectWriter object(out);
  for (const Count& count : counts) {
    object.any_key(count.name);
    append_number(out, count.value);
  }
  object.close();
}

void append_process(std::string& out, const Process& process) {
  ObjectWriter object(out);
  object.if_known("host", process.host);
  object.if_known("pid", process.pid);
  object.if_known("unit", process.unit);
  object.if_known("invocation_id", process.invocation_id);
  object.if_known("language", process.language);
  object.if_known("version", process.version);
  object.close();
}

void append_actor(std::string& out, const ActorRow& row) {
  ObjectWriter object(out);
  object.member("actor_name", row.actor_name);
  object.member("endpoint", row.endpoint);
  object.member("manager_id", row.manager_id);
  object.member("online", row.online);
  if (row.suspect) object.member("suspect", true);
  object.close();
}

void append_expectation(std::string& out, const Expectation& expectation) {
  ObjectWriter object(out);
  object.seconds("seconds", expectation.seconds);
  object.or_null("reason", expectation.reason);
  object.close();
}

void append_registration(std::string& out, const RegistrationResult& result) {
  ObjectWriter object(out);
  object.member("actor_name", result.actor_name);
  object.member("ok", result.ok);
  if (!result.ok) {
    object.member("reason", result.reason);
    object.member("code", name_of(result.code));
  }
  object.if_known("actor_endpoint", result.actor_endpoint);
  if (result.local_only) object.member("local_only", true);
  object.close();
}

void lookup_members(ObjectWriter& object, const LookupResult& result) {
  object.member("actor_name", result.actor_name);
  object.or_null("endpoint", result.endpoint);
  object.member("online", result.online);
  if (result.suspect) object.member("suspect", true);
  object.if_known("manager_id", result.manager_id);
}

void append_lookup(std::string& out, const LookupResult& result) {
  ObjectWriter object(out);
  lookup_members(object, result);
  object.close();
}

void append_manager(std::string& out, const ManagerRow& row) {
  ObjectWriter object(out);
  object.member("manager_id", row.manager_id);
  object.member("online", row.online);
  if (row.suspect) object.member("suspect", true);
  if (row.age_s) {
    object.seconds("age_s", *row.age_s);
  } else {
    object.null("age_s");
  }
  object.member("actors", row.actors);
  object.or_null("instance", row.instance);
  if (row.process) {
    object.key("process");
    append_process(out, *row.process);
  } else {
    object.null("process");
  }
  object.member("address", row.address);
  if (row.expected) {
    object.key("expected");
    append_expectation(out, *row.expected);
  } else {
    object.null("expected");
  }
  object.close();
}

MessageName name_of(const Error&) {
  return error_reply;
}
MessageName name_of(const RegistrationOk&) {
  return registration_ok;
}
MessageName name_of(const RegistrationFailed&) {
  return registration_failed;
}
MessageName name_of(const LookupResult&) {
  return lookup_result;
}
MessageName name_of(const HeartbeatAck&) {
  return heartbeat_ack;
}
MessageName name_of(const ActorList&) {
  return actor_list;
}
MessageName name_of(const ManagerList&) {
  return manager_list;
}
MessageName name_of(const RegistrationResults&) {
  return registration_results;
}
MessageName name_of(const LookupResults&) {
  return lookup_results;
}
MessageName name_of(const ManagerUnregistered&) {
  return manager_unregistered;
}
MessageName name_of(const Expected&) {
  return expected;
}
MessageName name_of(const RegistryInfoReply&) {
  return {registry_info.type, registry_info_reply_id};
}

void members(ObjectWriter& object, std::string&, const Error& reply) {
  object.member("code", name_of(reply.code));
  object.member("error", reply.error);
}

void members(ObjectWriter& object, std::string&, const RegistrationOk& reply) {
  object.member("actor_name", reply.actor_name);
  object.member("epoch", reply.epoch);
  object.member("actors", reply.actors);
  object.if_known("actor_endpoint", reply.actor_endpoint);
  if (reply.local_only) object.member("local_only", true);
}

void members(ObjectWriter& object, std::string&, const RegistrationFailed& reply) {
  object.member("actor_name", reply.actor_name);
  object.member("reason", reply.reason);
  object.member("code", name_of(reply.code));
}

void members(ObjectWriter& object, std::string&, const LookupResult& reply) {
  lookup_members(object, reply);
}

void members(ObjectWriter& object, std::string&, const HeartbeatAck& reply) {
  object.member("epoch", reply.epoch);
  object.member("actors", reply.actors);
  if (reply.superseded) object.member("superseded", true);
  if (!reply.lost.empty()) object.array("lost", reply.lost, append_string);
}

void members(ObjectWriter& object, std::string&, const RegistrationResults& reply) {
  object.member("epoch", reply.epoch);
  object.member("actors", reply.actors);
  object.array("results", reply.results, append_registration);
}

void members(ObjectWriter& object, std::string&, const LookupResults& reply) {
  object.array("results", reply.results, append_lookup);
}

void members(ObjectWriter& object, std::string&, const ManagerUnregistered& reply) {
  object.member("actors", reply.actors);
}

void members(ObjectWriter& object, std::string&, const Expected& reply) {
  object.member("manager_id", reply.manager_id);
  object.seconds("seconds", reply.seconds);
}

void members(ObjectWriter& object, std::string&, const ActorList& reply) {
  object.array("actors", reply.actors, append_actor);
  object.if_known("next", reply.next);
  object.member("epoch", reply.epoch);
  object.member("run", reply.run);
  object.member("seq", reply.seq);
}

void members(ObjectWriter& object, std::string&, const ManagerList& reply) {
  object.array("managers", reply.managers, append_manager);
  object.if_known("next", reply.next);
  object.member("run", reply.run);
  object.member("seq", reply.seq);
}

void members(ObjectWriter& object, std::string& out, const RegistryInfoReply& reply) {
  object.member("version", reply.version);
  object.member("epoch", reply.epoch);
  object.member("run", reply.run);
  object.seconds("uptime_s", reply.uptime_s);
  object.member("store", reply.store);
  object.key("counts");
  append_counts(out, reply.counts);
  object.key("counters");
  append_counts(out, reply.counters);
  object.or_null("events_endpoint", reply.events_endpoint);
  object.array("warnings", reply.warnings, append_string);
}

} // namespace

void encode(const Reply& reply, const RequestId& request_id, std::string& out) {
  out.clear();
  std::visit(
      [&](const auto& one) {
        static const std::string beginning = beginning_of(name_of(one));
        ObjectWriter object(out, beginning);
        append_request_id(object, out, request_id);
        members(object, out, one);
        object.close();
      },
      reply);
}

std::string_view type_of(const Reply& reply) {
  return std::visit([](const auto& one) { return name_of(one).type; }, reply);
}

} // namespace protocol
