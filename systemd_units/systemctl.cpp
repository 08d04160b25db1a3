#include "systemd_units/systemctl.hpp"

#include "systemd_units/properties.hpp"
#include "systemd_units/systemctl_words.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace systemd_units {
namespace {

/// What a missing right sounds like in the C locale. All but the last two were heard on Debian 12: from
/// systemctl without the right, without polkit, with polkit masked, and without the bus; from sudo -n in each
/// way it can refuse; and from shells where there is no sudo.
constexpr std::array<std::string_view, 4> phrases_of_systemctl{
    "Interactive authentication required",
    "Access denied",
    "Permission denied",
    "Unit polkit.service is masked",
};
constexpr std::array<std::string_view, 13> phrases_of_sudo{
    "a password is required",
    "is not in the sudoers file",
    "is not allowed to execute",
    "may not run sudo",
    "you must have a tty to run sudo",
    "\"no new privileges\" flag is set",
    "must be owned by uid 0 and have the setuid bit set",
    "effective uid is not 0, is ",
    "account validation failure",
    "sudo: not found",
    "sudo: command not found",
    "interactive authentication is required", // sudo-rs
    "I'm afraid I can't do that",             // sudo-rs
};

std::vector<std::string> systemctl_call(const Request& request, const std::string& unit) {
  std::vector<std::string> call{"/usr/bin/systemctl", "--no-ask-password",
                                std::string(to_string(request.verb))};
  if (request.verb == Verb::kill) call.push_back("--signal=" + request.signal);
  call.push_back(unit);
  return call;
}

std::string read_script() {
  std::string names;
  for (const auto name : property_names())
    names += (names.empty() ? "" : ",") + std::string(name);
  // Not `cat`: the shell reads it itself and becomes systemctl. In parentheses, a process that is forked just
  // now and reads of itself.
  return R"(read -r uptime </proc/uptime && echo "$uptime" && (read -r stat </proc/self/stat && echo "$stat") && )"
         R"(exec systemctl show --no-pager --property=)" +
         names + R"( -- "$@")";
}

} // namespace

std::string_view to_string(Verb verb) {
  switch (verb) {
  case Verb::start: return "start";
  case Verb::stop: return "stop";
  case Verb::restart: return "restart";
  case Verb::reload: return "reload";
  case Verb::kill: return "kill";
  case Verb::reset_failed: return "reset-failed";
  case Verb::enable: return "enable";
  case Verb::disable: return "disable";
  }
  return {};
}

bool has_job(Verb verb) {
  return verb == Verb::start || verb == Verb::stop || verb == Verb::restart || verb == Verb::reload;
}

std::vector<std::string> read_units_command(std::span<const std::string> units) {
  if (units.empty())
    throw std::invalid_argument("no units to read"); // systemctl would show the manager's properties
  std::vector<std::string> command{"env", "LC_ALL=C", "sh", "-c", read_script(), "sh"};
  command.insert(command.end(), units.begin(), units.end());
  return command;
}

std::vector<std::string> change_command(const Request& request, const std::string& unit, bool with_sudo) {
  auto command =
      with_sudo ? std::vector<std::string>{"sudo", "-n"} : std::vector<std::string>{"env", "LC_ALL=C"};
  auto call = systemctl_call(request, unit);
  if (!with_sudo) call.front() = "systemctl";
  command.insert(command.end(), call.begin(), call.end());
  return command;
}

std::vector<std::string> may_sudo_command(const Request& request, const std::string& unit) {
  std::vector<std::string> command{"sudo", "-n", "-l"};
  const auto call = systemctl_call(request, unit);
  command.insert(command.end(), call.begin(), call.end());
  return command;
}

std::span<const std::string_view> refusals_by_systemd() {
  return phrases_of_systemctl;
}

bool says_no_privilege(std::string_view message) {
  const auto in_message = [message](auto phrase) { return message.find(phrase) != std::string_view::npos; };
  return std::any_of(phrases_of_systemctl.begin(), phrases_of_systemctl.end(), in_message) ||
         std::any_of(phrases_of_sudo.begin(), phrases_of_sudo.end(), in_message);
}

} // namespace systemd_units
