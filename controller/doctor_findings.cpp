#include "controller/doctor_findings.hpp"

#include "controller/unit_failures.hpp"
#include "systemd_units/grants.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace controller::findings {
namespace {

using systemd_units::Request;
using systemd_units::Verb;
using Standing = Finding::Standing;

/// Before it, systemd does not say how often it restarted a unit (NRestarts).
constexpr int oldest_version = 235;
constexpr std::chrono::seconds tolerated_clock{2};

Finding found(const config::Host& host, std::string check, std::string text) {
  return {host.name, "", std::move(check), Standing::ok, std::move(text)};
}

Finding warned(const config::Host& host, std::string check, std::string text, std::string advice) {
  return {host.name, "", std::move(check), Standing::warning, std::move(text), std::move(advice)};
}

Finding about(const config::Host& host, const config::Manager& manager, std::string check, Standing standing,
              std::string text, std::string advice) {
  return {host.name,       manager.id,        std::move(check), standing,
          std::move(text), std::move(advice), std::nullopt};
}

Finding failed(const config::Host& host, const config::Manager& manager, std::string check,
               const Failure& failure) {
  return {host.name,       manager.id,   std::move(check),     Standing::failure,
          failure.message, failure.hint, failure.failure_class};
}

std::string joined(const std::vector<std::string>& words, const char* between = ", ") {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : between) + word;
  return text;
}

std::vector<std::string> existing(std::vector<std::string> files) {
  std::erase_if(files, [](const auto& file) { return ::access(file.c_str(), F_OK) != 0; });
  return files;
}

std::string address_of(const ssh::Settings& settings) {
  const bool v6 = settings.hostname.find(':') != std::string::npos;
  return settings.user + "@" + (v6 ? "[" + settings.hostname + "]" : settings.hostname) + ":" +
         std::to_string(settings.port);
}

std::string own_keys(const ssh::Settings& settings) {
  auto keys = existing(settings.identity_files);
  const char* agent = std::getenv("SSH_AUTH_SOCK"); // NOLINT(concurrency-mt-unsafe): nobody sets it
  const bool named = !settings.identity_agent.empty() && settings.identity_agent != "SSH_AUTH_SOCK";
  const bool has_agent = settings.identity_agent != "none" && (named || (agent != nullptr && *agent != '\0'));
  if (has_agent) keys.emplace_back("the agent's");
  return keys.empty() ? "none" : joined(keys);
}

std::string way(const ssh::Settings& settings) {
  if (!settings.proxy_command.empty()) return "; by ProxyCommand " + settings.proxy_command;
  std::vector<std::string> hops;
  for (const auto& hop : settings.jumps)
    hops.push_back(address_of(hop));
  return hops.empty() ? "" : "; through " + joined(hops, ", then ");
}

/// The check that a failure of the link belongs to.
const char* check_of(const config::Host& host, FailureClass failure_class) {
  switch (failure_class) {
  case FailureClass::settings: return "settings";
  case FailureClass::host_key: return "host key";
  case FailureClass::authentication: return "own key";
  default: return host.is_local() ? "systemd" : "connection";
  }
}

std::string seconds(std::chrono::nanoseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", std::chrono::duration<double>(time).count());
  return text.data();
}

Failure missing_thing(const probes::Thing& thing, bool unusable, const std::string& unit) {
  switch (thing.kind) {
  case probes::Thing::Kind::user:
    return {FailureClass::bad_setting, "its user " + thing.name + " does not exist",
            "useradd --system " + thing.name + " there, or set User= of " + unit};
  case probes::Thing::Kind::folder:
    return {FailureClass::bad_setting,
            thing.name + (unusable ? " is no folder" : " does not exist") + " (WorkingDirectory)",
            "make it there, or set WorkingDirectory= of " + unit};
  case probes::Thing::Kind::file:
    return {FailureClass::bad_setting,
            thing.name + (unusable ? " is a folder" : " does not exist") + " (EnvironmentFile)",
            "write it there, or put a '-' before its name in " + unit};
  case probes::Thing::Kind::program: break;
  }
  return {FailureClass::bad_setting,
          thing.name + (unusable ? " is no program that can be run" : " does not exist") + " (ExecStart)",
          unusable ? "chmod +x " + thing.name + " there" : "install it there, or set ExecStart= of " + unit};
}

std::vector<Request> missing_rights(const probes::SudoRights& rights) {
  std::vector<Request> missing;
  if (!rights.start) missing.emplace_back(Verb::start);
  if (!rights.stop) missing.emplace_back(Verb::stop);
  if (!rights.restart) missing.emplace_back(Verb::restart);
  return missing;
}

std::string verbs_of(const std::vector<Request>& requests) {
  std::vector<std::string> verbs;
  for (const auto& request : requests)
    verbs.emplace_back(to_string(request.verb));
  return joined(verbs);
}

/// What polkit may allow though sudo does not.
Finding by_polkit(const config::Host& host, const config::Manager& manager, const probes::Who& who,
                  const std::string& rule, const std::vector<Request>& missing) {
  std::string text = who.user + ": what polkit allows ";
  text += who.rules_readable ? "is its rules' to decide" : "may be read by root only";
  if (!rule.empty())
    text += ", " + rule + " names the unit";
  else if (who.rules_readable)
    text += ", none names the unit";
  return about(host, manager, "rights", Standing::not_checkable, text,
               "a refused start changes nothing and says so; " +
                   how_to_grant(host, who.user, missing, manager.service));
}

Finding rights_of(const config::Host& host, const config::Manager& manager, const probes::Who& who,
                  const std::string& rule, const probes::SudoRights& sudo, bool has_sudo) {
  if (who.is_root) {
    const auto words = rule.empty() ? "; no polkit rule names it" : "; polkit's rule at " + rule;
    return about(host, manager, "rights", Standing::ok, "as root" + (who.has_polkit ? words : ""), "");
  }
  const bool asks_sudo = host.privilege != config::Privilege::none;
  const auto missing = missing_rights(asks_sudo ? sudo : probes::SudoRights{});
  if (missing.empty()) return about(host, manager, "rights", Standing::ok, who.user + " with sudo", "");
  if (host.privilege != config::Privilege::sudo && who.has_polkit)
    return by_polkit(host, manager, who, rule, missing);
  auto text = who.user + " may not " + verbs_of(missing) + " " + manager.service;
  if (!asks_sudo)
    text += ": there is no polkit, and \"privilege\": \"none\" forbids sudo";
  else
    text += has_sudo ? " with sudo" : ": there is no sudo";
  const auto advice = how_to_grant(host, who.user, missing, manager.service);
  if (missing.front().verb != Verb::start)
    return about(host, manager, "rights", Standing::warning, text, advice);
  return failed(host, manager, "rights", {FailureClass::privilege, text, advice});
}

} // namespace

std::vector<Finding> of_settings(const config::Host& host, const ssh::Settings& settings) {
  auto known = settings.user_known_hosts;
  known.insert(known.end(), settings.global_known_hosts.begin(), settings.global_known_hosts.end());
  known = existing(known);
  std::vector<Finding> all{found(host, "settings",
                                 address_of(settings) + "; keys: " + own_keys(settings) + "; known hosts: " +
                                     (known.empty() ? "none" : joined(known)) + way(settings))};
  for (const auto& note : settings.notes)
    all.push_back(warned(host, "settings", note, ""));
  return all;
}

std::vector<Finding> of_keys(const config::Host& host, const ssh::Trust& trust) {
  return {found(host, "host key", trust.host_key + ", known at " + trust.known_at),
          found(host, "own key", trust.own_key + " is accepted")};
}

Finding of_failure(const config::Host& host, const Failure& failure) {
  if (failure.failure_class == FailureClass::interrupted)
    return {host.name, "", "connection", Standing::not_checkable, failure.message};
  return {host.name,
          "",
          check_of(host, failure.failure_class),
          Standing::failure,
          failure.message,
          failure.hint,
          failure.failure_class};
}

Finding of_version(const config::Host& host, const std::string& version) {
  int number = 0;
  std::from_chars(version.data(), version.data() + version.size(), number);
  if (number >= oldest_version) return found(host, "systemd", version);
  return warned(host, "systemd", version + " does not count restarts (NRestarts)",
                "a unit that restarts at once reads as up; systemd " + std::to_string(oldest_version) +
                    " or later tells");
}

Finding of_clock(const config::Host& host, const probes::HostClock& theirs, std::chrono::nanoseconds asked,
                 std::chrono::nanoseconds answered) {
  // It was read at some time in between.
  const auto ahead = theirs.since_1970 - answered;
  const auto behind = asked - (theirs.since_1970 + theirs.precision);
  const auto off = std::max(ahead, behind);
  if (off <= tolerated_clock) return found(host, "clock", "agrees with this machine's");
  return warned(host, "clock", seconds(off) + (ahead > behind ? " ahead of" : " behind") + " this machine's",
                "set it there, or let it be set: timedatectl set-ntp true; logs are merged by time");
}

std::vector<probes::Thing> things_of(const probes::Needs& needs) {
  using Kind = probes::Thing::Kind;
  std::vector<probes::Thing> things;
  const bool by_name = needs.user.find_first_not_of("0123456789") != std::string::npos;
  if (by_name) things.push_back({Kind::user, needs.user});
  if (!needs.folder.empty()) things.push_back({Kind::folder, needs.folder});
  for (const auto& file : needs.files)
    things.push_back({Kind::file, file});
  for (const auto& program : needs.programs)
    things.push_back({Kind::program, program});
  return things;
}

std::vector<Finding> of_unit(const config::Host& host, const config::Manager& manager,
                             const systemd_units::UnitState& unit, const probes::Needs* needs,
                             std::span<const probes::Presence> presence) {
  std::vector<Finding> all;
  if (const auto failure = named_by_alias(unit, manager))
    all.push_back(failed(host, manager, "unit", *failure));
  if (const auto failure = unloadable(unit)) {
    all.push_back(failed(host, manager, "unit", *failure));
    return all;
  }
  if (const auto failure = oneshot_with_heartbeats(unit, manager))
    all.push_back(failed(host, manager, "unit", *failure));
  if (unit.need_daemon_reload)
    all.push_back(about(host, manager, "unit", Standing::warning,
                        unit.id + ": its file has changed since systemd read it",
                        "systemctl daemon-reload on that host; until then the old one is started"));
  if (needs == nullptr) return all;
  if (!needs->may_be_started)
    all.push_back(failed(host, manager, "unit",
                         {FailureClass::bad_setting, unit.id + " may not be started by hand",
                          "take RefuseManualStart= out of its file"}));
  const auto things = things_of(*needs);
  for (std::size_t i = 0; i < std::min(things.size(), presence.size()); ++i) {
    if (presence[i] == probes::Presence::missing || presence[i] == probes::Presence::unusable) {
      auto failure = missing_thing(things[i], presence[i] == probes::Presence::unusable, unit.id);
      failure.message = unit.id + ": " + failure.message;
      all.push_back(failed(host, manager, "unit", failure));
    } else if (presence[i] == probes::Presence::unknown) {
      all.push_back(about(host, manager, "unit", Standing::not_checkable,
                          unit.id + ": whether " + things[i].name + " is there, or may be run", ""));
    }
  }
  return all;
}

std::vector<Finding> of_rights(const config::Host& host, const probes::Who& who,
                               std::span<const probes::SudoRights> sudo) {
  std::vector<Finding> all;
  for (std::size_t i = 0; i < host.managers.size(); ++i)
    all.push_back(rights_of(host, host.managers[i], who, who.rules.at(i),
                            sudo.empty() ? probes::SudoRights{} : sudo[i], !sudo.empty()));
  const bool same = std::all_of(all.begin(), all.end(), [&](const Finding& finding) {
    return finding.standing == Standing::ok && finding.text == all.front().text;
  });
  if (!same || all.empty()) return all;
  all.resize(1);
  all.front().manager_id.clear();
  return all;
}

std::vector<Finding> of_reach(const config::Host& host, std::span<const probes::Address> addresses,
                              std::span<const probes::Reach> reach) {
  using End = probes::Reach::End;
  const bool any =
      std::any_of(reach.begin(), reach.end(), [](const auto& one) { return one.end == End::reached; });
  std::vector<Finding> all;
  for (std::size_t i = 0; i < std::min(addresses.size(), reach.size()); ++i) {
    const auto& [name, port] = addresses[i];
    auto where = name.find(':') == std::string::npos ? name : "[" + name + "]";
    where += ":" + port;
    auto not_reached = where + " is not reached from there: ";
    not_reached += reach[i].problem.empty() ? "no connection" : reach[i].problem;
    const std::string advice = "is the registry there, and does a firewall let " + host.name + " reach it?";
    if (reach[i].end == End::reached)
      all.push_back(found(host, "registry", where + " is reached from there"));
    else if (reach[i].end == End::no_program)
      all.push_back({host.name, "", "registry", Standing::not_checkable,
                     where + ": the host has no bash, python3 or nc to reach it with"});
    else if (any)
      all.push_back(warned(host, "registry", not_reached, advice));
    else
      all.push_back(
          {host.name, "", "registry", Standing::failure, not_reached, advice, FailureClass::not_heard});
  }
  return all;
}

Finding of_own_address(const config::Host& host, const std::string& endpoint) {
  return warned(host, "registry", endpoint + " is another machine there than here",
                "set registry_connect to an address by which " + host.name + " reaches the registry");
}

} // namespace controller::findings
