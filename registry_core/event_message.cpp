#include "registry_core/event_message.hpp"

#include "registry_core/event_text.hpp"
#include "registry_core/protocol/json_writer.hpp"

#include <ctime>

namespace registry_core {

namespace {

/// RFC 3339, with milliseconds.
std::string timestamp(std::int64_t nanos) {
  constexpr std::int64_t nanos_per_ms = 1'000'000;
  constexpr std::int64_t ms_per_second = 1000;
  const std::int64_t ms = nanos / nanos_per_ms;
  const std::time_t seconds = ms / ms_per_second;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> date{};
  const auto length = std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S.", &utc);
  const std::string fraction = std::to_string(ms_per_second + ms % ms_per_second).substr(1);
  return std::string(date.data(), length) + fraction + "Z";
}

void member_if_known(protocol::ObjectWriter& object, const protocol::MemberName& name,
                     const std::string& text) {
  if (!text.empty()) object.member(name, std::string_view(text));
}

} // namespace

std::string topic_of(const Event& event) {
  if (event.kind == Event::Kind::tick) return "registry/tick";
  return event.actor_name.empty() ? "manager/" + event.manager_id : "actor/" + event.actor_name;
}

std::string event_message(const Event& event, std::string_view run, std::string_view epoch,
                          std::int64_t time) {
  std::string text;
  protocol::ObjectWriter object(text);
  object.member("run", run);
  object.member("seq", event.seq);
  object.member("epoch", epoch);
  object.member("time", std::string_view(timestamp(time)));
  object.member("event", word_of(event.kind));
  member_if_known(object, "actor_name", event.actor_name);
  member_if_known(object, "manager_id", event.manager_id);
  member_if_known(object, "endpoint", event.endpoint);
  member_if_known(object, "from_manager_id", event.from_manager);
  member_if_known(object, "instance", event.instance);
  if (event.kind == Event::Kind::offline || event.kind == Event::Kind::goodbye)
    object.member("expected", event.expected);
  member_if_known(object, "reason", event.reason);
  object.close();
  return text;
}

} // namespace registry_core
