#include "systemd_units/grant_files.hpp"

#include "systemd_units/grants.hpp"
#include "systemd_units/systemctl.hpp"
#include "systemd_units/written.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace systemd_units {
namespace {

constexpr std::array control{Verb::start, Verb::stop, Verb::restart, Verb::reload, Verb::reset_failed};
constexpr std::array signals{"SIGHUP",  "SIGINT",  "SIGQUIT", "SIGABRT", "SIGKILL",
                             "SIGUSR1", "SIGUSR2", "SIGTERM", "SIGCONT", "SIGSTOP"};

std::vector<Request> requests(bool each_signal) {
  std::vector<Request> all(control.begin(), control.end());
  if (!each_signal) all.emplace_back(Verb::kill);
  if (each_signal)
    for (const auto* const signal : signals)
      all.emplace_back(Verb::kill, signal);
  return all;
}

std::string in_file_name(std::string user) {
  std::replace(user.begin(), user.end(), '.', '+');
  return user;
}

} // namespace

std::string why_not_grantee(std::string_view user) {
  const auto lower = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto other = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  const bool fits = !user.empty() && lower(user.front()) &&
                    std::all_of(user.begin(), user.end(), [&](char c) { return lower(c) || other(c); });
  return fits ? ""
              : "expected a name of letters, digits and '_', '.', '-', the first one a lower-case letter";
}

std::string polkit_rules_file(const std::string& user, std::span<const std::string> units) {
  const auto all = requests(false);
  std::string body;
  for (const auto& unit : units)
    body += polkit_rule(user, all, unit) + "\n";
  return marked("//", body);
}

std::string sudoers_file(const std::string& user, std::span<const std::string> units) {
  const auto all = requests(true);
  std::string body;
  for (const auto& unit : units)
    body += sudoers_line(user, all, unit) + "\n";
  return marked("#", body);
}

std::string polkit_rules_path(const std::string& user) {
  return "/etc/polkit-1/rules.d/60-actorsctl-" + in_file_name(user) + ".rules";
}

std::string sudoers_path(const std::string& user) {
  return "/etc/sudoers.d/actorsctl-" + in_file_name(user);
}

} // namespace systemd_units
