#include "controller/doctor.hpp"

#include "controller/doctor_findings.hpp"
#include "controller/host_link.hpp"
#include "ssh/target.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <variant>

namespace controller {
namespace {

using Commands = std::vector<probes::Arguments>;
using Result = ssh::CommandResult;
using SystemClock = std::chrono::system_clock;

/// One host's part, on its thread.
class HostDoctor {
public:
  HostDoctor(const config::Host& host, const std::vector<std::string>& registry, const FanOutOptions& options,
             std::vector<Finding>& findings)
      : host_(host), registry_(registry), options_(options), findings_(findings) {
    for (const auto& manager : host.managers)
      units_.push_back(manager.service);
  }

  void run(HostLink& link) {
    if (const auto* trust = link.trust()) add(findings::of_keys(host_, *trust));
    add(findings::of_version(host_, link.systemd_version()));
    if (!host_.is_local()) look_at_clock(link);
    if (!units_.empty()) {
      look_at_units(link);
      look_at_rights(link);
      look_at_journal(link);
    }
    if (!host_.is_local()) look_at_way_to_registry(link);
  }

private:
  void show(const char* waits_for) const { options_.show({&host_, nullptr, waits_for}); }

  void add(Finding finding) { findings_.push_back(std::move(finding)); }
  void add(std::vector<Finding> findings) {
    findings_.insert(findings_.end(), std::make_move_iterator(findings.begin()),
                     std::make_move_iterator(findings.end()));
  }

  [[nodiscard]] Clock::time_point deadline(std::chrono::seconds more = {}) const {
    return Clock::now() + more +
           std::chrono::duration_cast<Clock::duration>(
               std::chrono::duration<double>(host_.command_timeout_s));
  }

  /// Gives the answer to `read`. What can't be found out is a finding as well.
  template<class Read>
  void ask(HostLink& link, const char* check, const probes::Arguments& command, Read read,
           std::chrono::seconds more = {}) {
    const auto result = link.run(Commands{command}, deadline(more)).front();
    std::string problem;
    if (result.end == Result::End::timed_out)
      problem = "no answer in time";
    else if (result.end == Result::End::signalled || result.exit_status != 0)
      problem = result.error_output.substr(0, result.error_output.find('\n'));
    else
      try {
        return read(result.output);
      } catch (const std::invalid_argument& error) {
        problem = error.what();
      }
    add(Finding{host_.name, "", check, Finding::Standing::not_checkable,
                problem.empty() ? "the host gives no answer" : problem,
                "does the login shell there print something? It must be silent for commands"});
  }

  void look_at_clock(HostLink& link) {
    const auto asked = SystemClock::now().time_since_epoch();
    ask(link, "clock", probes::clock_command(), [&](const std::string& output) {
      add(findings::of_clock(host_, probes::read_clock(output), asked,
                             SystemClock::now().time_since_epoch()));
    });
  }

  void look_at_units(HostLink& link) {
    show("looking at its units");
    const auto readings = link.read(units_);
    std::vector<std::string> loaded;
    for (const auto& reading : readings)
      if (reading.state.load_state == "loaded") loaded.push_back(reading.state.id);
    std::vector<probes::Needs> needs;
    std::vector<probes::Presence> presence;
    if (!loaded.empty())
      ask(link, "units", probes::needs_command(loaded),
          [&](const std::string& output) { needs = probes::read_needs(output, loaded.size()); });
    if (const auto things = all_things(needs); !things.empty())
      ask(link, "units", probes::presence_command(things),
          [&](const std::string& output) { presence = probes::read_presence(output, things.size()); });
    judge_units(readings, needs, presence);
  }

  static std::vector<probes::Thing> all_things(const std::vector<probes::Needs>& needs) {
    std::vector<probes::Thing> things;
    for (const auto& one : needs) {
      const auto its = findings::things_of(one);
      things.insert(things.end(), its.begin(), its.end());
    }
    return things;
  }

  /// \param needs of those that are loaded, in order, or none. \param presence of all their things, or none.
  void judge_units(const std::vector<UnitReading>& readings, const std::vector<probes::Needs>& needs,
                   std::span<const probes::Presence> presence) {
    const auto before = findings_.size();
    std::size_t next = 0;
    for (std::size_t i = 0; i < readings.size(); ++i) {
      const auto& state = readings[i].state;
      const auto* its = state.load_state == "loaded" && next < needs.size() ? &needs[next++] : nullptr;
      const auto things = its == nullptr ? 0 : std::min(findings::things_of(*its).size(), presence.size());
      add(findings::of_unit(host_, host_.managers[i], state, its, presence.first(things)));
      presence = presence.subspan(things);
    }
    if (findings_.size() > before) return;
    const auto number = readings.size();
    add(Finding{host_.name, "", "units", Finding::Standing::ok,
                number == 1 ? units_.front() + " can be started"
                            : "all " + std::to_string(number) + " can be started"});
  }

  void look_at_rights(HostLink& link) {
    show("asking for rights");
    std::vector<probes::SudoRights> sudo;
    ask(link, "rights", probes::who_command(units_), [&](const std::string& output) {
      const auto who = probes::read_who(output, units_.size());
      if (!who.is_root && host_.privilege != config::Privilege::none)
        ask(link, "rights", probes::sudo_command(units_),
            [&](const std::string& rights) { sudo = probes::read_sudo(rights, units_.size()); });
      add(findings::of_rights(host_, who, sudo));
    });
  }

  void look_at_journal(HostLink& link) {
    show("reading its journal");
    systemd_units::JournalQuery query;
    query.lines = 1;
    Finding finding{host_.name, "", "journal", Finding::Standing::ok, "may be read"};
    try {
      link.journal(units_, query, [](const auto&) {}, {});
    } catch (const HostError& error) {
      const auto& failure = error.failure();
      if (failure.failure_class == FailureClass::lost) throw;
      finding.standing = Finding::Standing::warning;
      finding.text = failure.message;
      finding.advice = failure.hint;
    }
    add(std::move(finding));
  }

  void look_at_way_to_registry(HostLink& link) {
    const bool any_speaks = std::any_of(host_.managers.begin(), host_.managers.end(),
                                        [](const auto& manager) { return manager.heartbeats; });
    if (!any_speaks && !host_.managers.empty()) return;
    std::vector<probes::Address> addresses;
    for (const auto& endpoint : registry_) {
      const auto address = probes::tcp_address(endpoint);
      if (address && !probes::is_own_address(*address))
        addresses.push_back(*address);
      else
        add(findings::of_own_address(host_, endpoint));
    }
    if (addresses.empty()) return;
    show("trying the way to the registry");
    ask(
        link, "registry", probes::reach_command(addresses),
        [&](const std::string& output) {
          add(findings::of_reach(host_, addresses, probes::read_reach(output, addresses.size())));
        },
        probes::reach_timeout * static_cast<int>(addresses.size()));
  }

  const config::Host& host_;
  const std::vector<std::string>& registry_;
  const FanOutOptions& options_;
  std::vector<Finding>& findings_;
  std::vector<std::string> units_;
};

/// Where they can't be honoured, the work on the host says so.
void look_at_settings(std::span<const config::Host* const> hosts,
                      std::vector<std::vector<Finding>>& findings) {
  std::vector<std::size_t> indices;
  std::vector<ssh::SettingsQuery> queries;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (hosts[i]->is_local()) continue;
    indices.push_back(i);
    queries.push_back({ssh::parse_target(hosts[i]->ssh),
                       {hosts[i]->identity_file, hosts[i]->known_hosts, hosts[i]->proxy_jump}});
  }
  const auto settings = ssh::effective_settings(queries);
  for (std::size_t at = 0; at < indices.size(); ++at)
    if (const auto* one = std::get_if<ssh::Settings>(&settings[at]))
      findings[indices[at]] = findings::of_settings(*hosts[indices[at]], *one);
}

} // namespace

std::vector<Finding> diagnose(std::span<const config::Host* const> hosts,
                              const std::vector<std::string>& registry, const FanOutOptions& options) {
  std::vector<std::vector<Finding>> of_host(hosts.size());
  look_at_settings(hosts, of_host);
  fan_out(hosts, options,
          {[&](std::size_t index, HostLink& link) {
             HostDoctor(*hosts[index], registry, options, of_host[index]).run(link);
           },
           [&](std::size_t index, const Failure& failure) {
             of_host[index].push_back(findings::of_failure(*hosts[index], failure));
           }});
  std::vector<Finding> all;
  for (auto& findings : of_host)
    std::move(findings.begin(), findings.end(), std::back_inserter(all));
  return all;
}

} // namespace controller
