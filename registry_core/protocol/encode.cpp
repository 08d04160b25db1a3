#include "registry_core/protocol/encode.hpp"

#include <array>
#include <charconv>
#include <concepts>

namespace protocol {

namespace {

bool needs_escape(unsigned char c) {
  return c < 0x20 || c == '"' || c == '\\';
}

void append_string(std::string& out, std::string_view text) {
  static constexpr std::string_view hex = "0123456789abcdef";
  out.push_back('"');
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!needs_escape(c)) continue;
    out.append(text, done, i - done);
    done = i + 1;
    if (c >= 0x20) {
      out.push_back('\\');
      out.push_back(text[i]);
    } else {
      out.append("\\u00");
      out.push_back(hex[c >> 4]);
      out.push_back(hex[c & 15]);
    }
  }
  out.append(text, done);
  out.push_back('"');
}

template<std::integral Number>
requires(!std::same_as<Number, bool>) void append_number(std::string& out, Number number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

/// Milliseconds are as fine as any reader needs, and keep the digits few.
void append_seconds(std::string& out, double seconds) {
  std::array<char, 64> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), seconds, std::chars_format::fixed, 3).ptr;
  out.append(digits.data(), end);
}

/// One object, its members written in the order of the calls.
class Object {
public:
  explicit Object(std::string& out) : out_(out) { out_.push_back('{'); }
  void close() { out_.push_back('}'); }

  void key(std::string_view name) {
    if (!first_) out_.push_back(',');
    first_ = false;
    out_.push_back('"');
    out_.append(name);
    out_.append("\":");
  }
  void member(std::string_view name, std::string_view text) {
    key(name);
    append_string(out_, text);
  }
  template<std::integral Number>
  requires(!std::same_as<Number, bool>) void member(std::string_view name, Number number) {
    key(name);
    append_number(out_, number);
  }
  template<std::same_as<bool> Bool>
  void member(std::string_view name, Bool value) {
    key(name);
    out_.append(value ? "true" : "false");
  }
  void seconds(std::string_view name, double value) {
    key(name);
    append_seconds(out_, value);
  }
  void null(std::string_view name) {
    key(name);
    out_.append("null");
  }
  template<typename Value>
  void if_known(std::string_view name, const std::optional<Value>& value) {
    if (value) member(name, *value);
  }
  void or_null(std::string_view name, const std::optional<std::string_view>& value) {
    if (value) {
      member(name, *value);
    } else {
      null(name);
    }
  }
  /// An array, each of its elements written by `write(out, element)`.
  template<typename Elements, typename Write>
  void array(std::string_view name, const Elements& elements, Write write) {
    key(name);
    out_.push_back('[');
    bool first = true;
    for (const auto& element : elements) {
      if (!first) out_.push_back(',');
      first = false;
      write(out_, element);
    }
    out_.push_back(']');
  }

private:
  std::string& out_;
  bool first_ = true;
};

void begin(Object& object, MessageName name, const RequestId& request_id) {
  object.member("message_type", name.type);
  object.member("message_id", name.id);
  if (request_id.kind == RequestId::Kind::string) object.member("request_id", request_id.text);
}

void append_counts(std::string& out, const std::vector<Count>& counts) {
  Object object(out);
  for (const Count& count : counts)
    object.member(count.name, count.value);
  object.close();
}

void append_process(std::string& out, const Process& process) {
  Object object(out);
  object.if_known("host", process.host);
  object.if_known("pid", process.pid);
  object.if_known("unit", process.unit);
  object.if_known("invocation_id", process.invocation_id);
  object.if_known("language", process.language);
  object.if_known("version", process.version);
  object.close();
}

void append_actor(std::string& out, const ActorRow& row) {
  Object object(out);
  object.member("actor_name", row.actor_name);
  object.member("endpoint", row.endpoint);
  object.member("manager_id", row.manager_id);
  object.member("online", row.online);
  object.close();
}

void append_manager(std::string& out, const ManagerRow& row) {
  Object object(out);
  object.member("manager_id", row.manager_id);
  object.member("online", row.online);
  object.seconds("age_s", row.age_s);
  object.member("actors", row.actors);
  object.or_null("instance", row.instance);
  if (row.process) {
    object.key("process");
    append_process(out, *row.process);
  } else {
    object.null("process");
  }
  object.member("address", row.address);
  object.null("expected");
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
MessageName name_of(const RegistryInfoReply&) {
  return {registry_info.type, registry_info_reply_id};
}

void members(Object& object, std::string&, const Error& reply) {
  object.member("code", name_of(reply.code));
  object.member("error", reply.error);
}

void members(Object& object, std::string&, const RegistrationOk& reply) {
  object.member("actor_name", reply.actor_name);
  object.member("epoch", reply.epoch);
  object.member("actors", reply.actors);
  object.if_known("actor_endpoint", reply.actor_endpoint);
  if (reply.local_only) object.member("local_only", true);
}

void members(Object& object, std::string&, const RegistrationFailed& reply) {
  object.member("actor_name", reply.actor_name);
  object.member("reason", reply.reason);
  object.member("code", name_of(reply.code));
}

void members(Object& object, std::string&, const LookupResult& reply) {
  object.member("actor_name", reply.actor_name);
  object.or_null("endpoint", reply.endpoint);
  object.member("online", reply.online);
  object.if_known("manager_id", reply.manager_id);
}

void members(Object& object, std::string&, const HeartbeatAck& reply) {
  object.member("epoch", reply.epoch);
  object.member("actors", reply.actors);
  if (reply.superseded) object.member("superseded", true);
  if (!reply.lost.empty()) object.array("lost", reply.lost, append_string);
}

void members(Object& object, std::string&, const ActorList& reply) {
  object.array("actors", reply.actors, append_actor);
  object.if_known("next", reply.next);
  object.member("epoch", reply.epoch);
  object.member("run", reply.run);
  object.member("seq", reply.seq);
}

void members(Object& object, std::string&, const ManagerList& reply) {
  object.array("managers", reply.managers, append_manager);
  object.if_known("next", reply.next);
  object.member("run", reply.run);
  object.member("seq", reply.seq);
}

void members(Object& object, std::string& out, const RegistryInfoReply& reply) {
  object.member("version", reply.version);
  object.member("epoch", reply.epoch);
  object.member("run", reply.run);
  object.seconds("uptime_s", reply.uptime_s);
  object.member("store", reply.store);
  object.key("counts");
  append_counts(out, reply.counts);
  object.key("counters");
  append_counts(out, reply.counters);
  object.null("events_endpoint");
  object.array("warnings", reply.warnings, append_string);
}

} // namespace

void encode(const Reply& reply, const RequestId& request_id, std::string& out) {
  out.clear();
  Object object(out);
  std::visit(
      [&](const auto& one) {
        begin(object, name_of(one), request_id);
        if (request_id.kind == RequestId::Kind::integer) {
          object.key("request_id");
          out.append(request_id.text);
        }
        members(object, out, one);
      },
      reply);
  object.close();
}

} // namespace protocol
