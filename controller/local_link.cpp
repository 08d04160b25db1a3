#include "controller/host_link.hpp"

#include "controller/journal_reading.hpp"
#include "controller/privilege.hpp"
#include "systemd_units/local_program.hpp"

#include <sys/wait.h>

#include <functional>
#include <future>
#include <optional>
#include <system_error>

namespace controller {
namespace {

using systemd_units::BusError;

class LocalLink final : public HostLink {
public:
  explicit LocalLink(const config::Host& host)
      : host_(host), changes_(
                         host.privilege, systemd_units::own_user_name(),
                         [this](const auto& request, auto units, auto deadline) {
                           return bus().change(request, units, deadline);
                         },
                         [this](const auto& commands, auto deadline) { return run(commands, deadline); }) {}

  std::vector<UnitReading> read(std::span<const std::string> units) override {
    return guarded([&] {
      const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                               std::chrono::duration<double>(host_.command_timeout_s));
      auto reading = bus().read(units, deadline);
      const auto answered = Clock::now();
      std::vector<UnitReading> result;
      for (auto& state : reading.units)
        result.push_back({std::move(state), reading.now, answered});
      return result;
    });
  }

  std::vector<systemd_units::ChangeResult> change(const systemd_units::Request& request,
                                                  std::span<const std::string> units,
                                                  Clock::time_point deadline) override {
    return guarded([&] { return changes_.change(request, units, deadline); });
  }

  void journal(std::span<const std::string> units, const systemd_units::JournalQuery& query,
               const std::function<void(const systemd_units::JournalEntry&)>& entry,
               const std::function<bool()>& cancelled) override {
    JournalReading reading(host_, query, entry, cancelled);
    reading.ended(run_journalctl(systemd_units::journal_command(units, query), reading));
  }

  std::vector<ssh::CommandResult> run(std::span<const std::vector<std::string>> commands,
                                      Clock::time_point deadline) override {
    std::vector<std::future<ssh::CommandResult>> ends;
    for (const auto& command : commands)
      ends.push_back(std::async(std::launch::async, [&] { return run_one(command, "", deadline); }));
    std::vector<ssh::CommandResult> results;
    for (auto& end : ends)
      results.push_back(end.get());
    return results;
  }

  ssh::CommandResult run(const ssh::Command& command, Clock::time_point deadline) override {
    return run_one(command.arguments, command.input, deadline);
  }

  [[nodiscard]] const ssh::Trust* trust() const override { return nullptr; }

  std::string systemd_version() override {
    return guarded([&] { return bus().systemd_version(); });
  }

private:
  static ssh::CommandResult run_one(const std::vector<std::string>& command, const std::string& input,
                                    Clock::time_point deadline) {
    using End = ssh::CommandResult::End;
    ssh::CommandResult result;
    if (Clock::now() >= deadline) {
      result.end = End::timed_out;
      result.begun = false;
      return result;
    }
    try {
      bool late = false;
      const auto end = systemd_units::run_program(
          command, [&](std::string_view piece) { result.output += piece; },
          [&] { return late = Clock::now() >= deadline; }, input);
      result.error_output = end.error_output;
      if (late)
        result.end = End::timed_out;
      else
        set_end(result, end.wait_status);
    } catch (const std::system_error& error) { // as a shell says it
      result.exit_status = 127;
      result.error_output = command.front() + ": command not found: " + error.what();
    }
    return result;
  }

  static void set_end(ssh::CommandResult& result, int wait_status) {
    if (WIFEXITED(wait_status))
      result.exit_status = WEXITSTATUS(wait_status);
    else
      result.end = ssh::CommandResult::End::signalled;
  }

  /// It only reads, so there is nothing to wait for where it hangs.
  static ssh::CommandResult run_journalctl(const std::vector<std::string>& command, JournalReading& reading) {
    try {
      const auto end = systemd_units::run_program(
          command, [&](std::string_view piece) { reading.take(piece); }, [&] { return reading.must_end(); },
          {}, systemd_units::Unwilling::killed);
      ssh::CommandResult result;
      result.error_output = end.error_output;
      set_end(result, end.wait_status);
      return result;
    } catch (const std::system_error& error) {
      throw HostError({FailureClass::internal, std::string("journalctl: ") + error.what(), ""});
    }
  }

  /// Connected when it is first asked: programs can be run without.
  systemd_units::Bus& bus() {
    if (bus_) return *bus_;
    try {
      return bus_.emplace();
    } catch (const BusError& error) {
      throw HostError({FailureClass::connect, error.what(),
                       "this host has no `ssh` in the configuration, so it is this machine"});
    }
  }

  template<typename Call>
  auto guarded(Call call) -> decltype(call()) {
    try {
      return call();
    } catch (const BusError& error) {
      throw HostError({error.timed_out() ? FailureClass::timed_out : FailureClass::connect, error.what(),
                       "does systemd answer here? systemctl status"});
    }
  }

  const config::Host& host_;
  std::optional<systemd_units::Bus> bus_;
  PrivilegedChanges changes_;
};

} // namespace

std::unique_ptr<HostLink> link_local(const config::Host& host) {
  return std::make_unique<LocalLink>(host);
}

} // namespace controller
