#include "systemd_units/grants.hpp"

#include <algorithm>
#include <string_view>

namespace systemd_units {
namespace {

/// A word of a command in sudoers(5): it is unescaped once by the parser and once more by fnmatch(3).
std::string in_sudoers(std::string_view word) {
  std::string text;
  for (const char c : word) {
    if (c == '\\')
      text += R"(\\\\)";
    else if (c == ':' || c == '=' || c == ',')
      (text += '\\') += c;
    else
      text += c;
  }
  return text;
}

/// A user's name there: whatever has a meaning of its own is escaped.
std::string user_in_sudoers(std::string_view name) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  std::string text;
  for (const char c : name) {
    if (plain.find(c) == std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

std::string in_javascript(std::string_view word) {
  std::string text = "\"";
  for (const char c : word) {
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return text + "\"";
}

std::string is_one_of(std::span<const Request> requests) {
  const std::string verb = "action.lookup(\"verb\")";
  if (requests.size() == 1) return verb + " == " + in_javascript(to_string(requests.front().verb));
  std::string list;
  for (const auto& request : requests)
    list += (list.empty() ? "" : ", ") + in_javascript(to_string(request.verb));
  return "[" + list + "].indexOf(" + verb + ") >= 0";
}

} // namespace

std::string sudoers_line(const std::string& user, std::span<const Request> requests,
                         const std::string& unit) {
  std::string line = user_in_sudoers(user) + " ALL=(root) NOPASSWD:";
  for (const auto& request : requests) {
    auto words = change_command(request, unit, true);
    words.erase(words.begin(), words.begin() + 2); // sudo -n
    if (&request != requests.data()) line += ",";
    for (const auto& word : words)
      line += " " + in_sudoers(word);
  }
  return line;
}

std::string polkit_rule(const std::string& user, std::span<const Request> requests, const std::string& unit) {
  const auto is_for_root = [](const Request& r) { return r.verb == Verb::enable || r.verb == Verb::disable; };
  if (std::any_of(requests.begin(), requests.end(), is_for_root)) return {};
  return "polkit.addRule(function(action, subject) { if (action.id == "
         "\"org.freedesktop.systemd1.manage-units\" && "
         "subject.user == " +
         in_javascript(user) + " && action.lookup(\"unit\") == " + in_javascript(unit) + " && " +
         is_one_of(requests) + ") return polkit.Result.YES; });";
}

std::string grant_hint(const std::string& user, std::span<const Request> requests, const std::string& unit) {
  auto hint = "this line in a file of /etc/sudoers.d there allows exactly that: " +
              sudoers_line(user, requests, unit);
  if (const auto rule = polkit_rule(user, requests, unit); !rule.empty())
    hint += "; or with polkit this one in a .rules file of /etc/polkit-1/rules.d: " + rule;
  return hint;
}

} // namespace systemd_units
