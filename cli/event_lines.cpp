#include "cli/event_lines.hpp"

#include <algorithm>

namespace cli {
namespace {

using actors::registry::ListAgain;
using actors::registry::RegistryEvent;

constexpr std::size_t longest_word = std::string_view("endpoint_changed").size();

Tint tint(const RegistryEvent& event) {
  if (event.event == "online") return Tint::good;
  if (event.event == "offline") return event.expected ? Tint::faint : Tint::bad;
  if (event.event == "suspect" || event.event == "taken_over" || event.event == "superseded")
    return Tint::warning;
  return Tint::plain;
}

std::string what(const RegistryEvent& event) {
  std::string text = "manager " + event.manager_id;
  if (!event.actor_name.empty()) {
    text = "actor " + event.actor_name;
    if (!event.manager_id.empty()) text += " of " + event.manager_id;
  }
  if (!event.endpoint.empty()) text += " at " + event.endpoint;
  if (!event.from_manager_id.empty()) text += ", taken from " + event.from_manager_id;
  if (!event.instance.empty()) text += ", by instance " + event.instance;
  if (event.expected) text += ", expected";
  if (!event.reason.empty()) text += ": " + event.reason;
  return text;
}

} // namespace

std::string event_line(const RegistryEvent& event, bool colours) {
  std::string word = harmless(event.event);
  const std::size_t padding = longest_word - std::min(word.size(), longest_word) + 2;
  return harmless(event.time) + "  " + painted(Cell(std::move(word), tint(event)), colours) +
         std::string(padding, ' ') + harmless(what(event)) + "\n";
}

Json event_json(const RegistryEvent& event) {
  Json json;
  json["time"] = event.time;
  json["event"] = event.event;
  const auto put = [&json](const char* key, const std::string& text) {
    if (!text.empty()) json[key] = text;
  };
  put("actor_name", event.actor_name);
  put("manager_id", event.manager_id);
  put("endpoint", event.endpoint);
  put("from_manager_id", event.from_manager_id);
  put("instance", event.instance);
  if (event.event == "offline" || event.event == "goodbye" || event.expected)
    json["expected"] = event.expected;
  put("reason", event.reason);
  json["run"] = event.run;
  json["seq"] = event.seq;
  json["epoch"] = event.epoch;
  return json;
}

std::string_view gap_word(ListAgain::Why why) {
  switch (why) {
  case ListAgain::Why::lost: return "lost";
  case ListAgain::Why::restarted: return "restarted";
  case ListAgain::Why::silent: return "silent";
  case ListAgain::Why::subscribed: break;
  }
  return "heard";
}

std::string_view gap_text(ListAgain::Why why) {
  switch (why) {
  case ListAgain::Why::lost: return "changes were missed here; how it is now: actorsctl managers";
  case ListAgain::Why::restarted:
    return "the registry has started anew, changes may have been missed; how it is now: actorsctl managers";
  case ListAgain::Why::silent: return "the registry is silent; waiting for it";
  case ListAgain::Why::subscribed: break;
  }
  return "the registry is heard again, changes may have been missed; how it is now: actorsctl managers";
}

} // namespace cli
