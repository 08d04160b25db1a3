#include "controller/host_link.hpp"

#include "controller/first_line.hpp"
#include "controller/journal_reading.hpp"
#include "controller/privilege.hpp"

#include <sstream>
#include <stdexcept>
#include <utility>

namespace controller {
namespace {

using systemd_units::ChangeResult;
using systemd_units::Request;

ssh::Command command(std::vector<std::string> arguments) {
  ssh::Command result;
  result.arguments = std::move(arguments);
  return result;
}

class SshLink final : public HostLink {
public:
  SshLink(const config::Host& host, ssh::Session session, std::string user)
      : host_(host), session_(std::move(session)), user_(std::move(user)),
        changes_(
            host.privilege, user_,
            [this](const auto& request, auto units, auto deadline) {
              return change_as_is(request, units, deadline);
            },
            [this](const auto& commands, auto deadline) { return run(std::span(commands), deadline); }) {}

  std::vector<UnitReading> read(std::span<const std::string> units) override {
    if (units.empty()) return {};
    const auto result = ask(systemd_units::read_units_command(units), "systemctl show");
    const auto answered = Clock::now();
    try {
      auto reading = systemd_units::parse_units_reading(result.output, units.size());
      std::vector<UnitReading> readings;
      for (auto& state : reading.units)
        readings.push_back({std::move(state), reading.now, answered});
      return readings;
    } catch (const std::invalid_argument& error) {
      throw HostError({FailureClass::internal, std::string("systemctl show: ") + error.what(),
                       "does the login shell there print something? It must be silent for commands"});
    }
  }

  std::vector<ChangeResult> change(const Request& request, std::span<const std::string> units,
                                   Clock::time_point deadline) override {
    return changes_.change(request, units, deadline);
  }

  void journal(std::span<const std::string> units, const systemd_units::JournalQuery& query,
               const std::function<void(const systemd_units::JournalEntry&)>& entry,
               const std::function<bool()>& cancelled) override {
    JournalReading reading(host_, query, entry, cancelled);
    auto request = command(systemd_units::journal_command(units, query));
    request.on_output = [&](std::string_view piece) { reading.take(piece); };
    request.cancelled = [&] { return reading.must_end(); };
    reading.ended(run(request, Clock::time_point::max()));
  }

  std::vector<ssh::CommandResult> run(std::span<const std::vector<std::string>> commands,
                                      Clock::time_point deadline) override {
    std::vector<ssh::Command> all;
    for (const auto& arguments : commands)
      all.push_back(command(arguments));
    return run(all, deadline);
  }

  ssh::CommandResult run(const ssh::Command& command, Clock::time_point deadline) override {
    return run(std::vector{command}, deadline).front();
  }

  [[nodiscard]] const ssh::Trust* trust() const override { return &session_.trust(); }

  std::string systemd_version() override {
    const auto result = ask({"env", "LC_ALL=C", "systemctl", "--version"}, "systemctl --version");
    std::istringstream lines(result.output);
    for (std::string line; std::getline(lines, line);) { // systemd 252 (252.38-1~deb12u1)
      constexpr std::string_view name = "systemd ";
      if (!line.starts_with(name) || line.find_first_of("0123456789") != name.size()) continue;
      return line.substr(name.size(), line.find(' ', name.size()) - name.size());
    }
    throw HostError({FailureClass::internal, "no systemd version in: " + first_line(result.output), ""});
  }

private:
  /// A command that must succeed.
  ssh::CommandResult ask(std::vector<std::string> arguments, const std::string& what) {
    auto result = run(command(std::move(arguments)), command_deadline());
    require_success(result, what);
    return result;
  }

  [[nodiscard]] Clock::time_point command_deadline() const {
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(
                              std::chrono::duration<double>(host_.command_timeout_s));
  }

  void require_success(const ssh::CommandResult& result, const std::string& what) const {
    if (result.end == ssh::CommandResult::End::timed_out)
      throw HostError({FailureClass::timed_out,
                       what + " gave no answer within " +
                           std::to_string(static_cast<int>(host_.command_timeout_s)) + " s",
                       usual_hint(FailureClass::timed_out, host_.name)});
    if (result.end != ssh::CommandResult::End::exited || result.exit_status != 0)
      throw HostError({FailureClass::internal, what + " failed: " + what_it_said(result), ""});
  }

  std::vector<ssh::CommandResult> run(const std::vector<ssh::Command>& commands, Clock::time_point deadline) {
    try {
      return session_.run(commands, deadline);
    } catch (const ssh::Error& error) {
      throw HostError(to_failure(error, host_.name));
    }
  }

  std::vector<ChangeResult> change_as_is(const Request& request, std::span<const std::string> units,
                                         Clock::time_point deadline) {
    const auto result = run(command(systemd_units::ordered_calls_command(request, units)), deadline);
    const auto calls = systemd_units::parse_ordered_calls(result.output, units.size());
    return ordered_results(calls, units, result, user_);
  }

  const config::Host& host_;
  ssh::Session session_;
  std::string user_; ///< that logs in there
  PrivilegedChanges changes_;
};

FailureClass failure_class(ssh::ErrorClass error_class) {
  switch (error_class) {
  case ssh::ErrorClass::settings: return FailureClass::settings;
  case ssh::ErrorClass::resolve: return FailureClass::resolve;
  case ssh::ErrorClass::connect: return FailureClass::connect;
  case ssh::ErrorClass::busy: return FailureClass::busy;
  case ssh::ErrorClass::host_key: return FailureClass::host_key;
  case ssh::ErrorClass::authentication: return FailureClass::authentication;
  case ssh::ErrorClass::lost: return FailureClass::lost;
  case ssh::ErrorClass::timed_out: return FailureClass::timed_out;
  }
  return FailureClass::internal;
}

} // namespace

std::unique_ptr<HostLink> link_ssh(const config::Host& host, ssh::Session session, std::string user) {
  return std::make_unique<SshLink>(host, std::move(session), std::move(user));
}

Failure to_failure(const ssh::Error& error, const std::string& host_name) {
  auto hint = error.hint();
  if (hint == "actorsctl hosts trust" || hint == "actorsctl hosts trust --replace") hint += " " + host_name;
  const auto found = failure_class(error.error_class());
  if (hint.empty()) hint = usual_hint(found, host_name);
  return {found, error.what(), hint, !error.hop().empty()};
}

} // namespace controller
