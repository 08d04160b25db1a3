#include "systemd_units/grants.hpp"

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

} // namespace

std::string sudoers_line(const std::string& user, const Request& request, const std::string& unit) {
  std::string line = user_in_sudoers(user) + " ALL=(root) NOPASSWD:";
  auto words = change_command(request, unit, true);
  words.erase(words.begin(), words.begin() + 2); // sudo -n
  for (const auto& word : words)
    line += " " + in_sudoers(word);
  return line;
}

std::string polkit_rule(const std::string& user, const Request& request, const std::string& unit) {
  if (request.verb == Verb::enable || request.verb == Verb::disable) return {};
  return "polkit.addRule(function(action, subject) { if (action.id == "
         "\"org.freedesktop.systemd1.manage-units\" && "
         "subject.user == " +
         in_javascript(user) + " && action.lookup(\"unit\") == " + in_javascript(unit) +
         " && action.lookup(\"verb\") == " + in_javascript(to_string(request.verb)) +
         ") return polkit.Result.YES; });";
}

} // namespace systemd_units
