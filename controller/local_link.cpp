#include "controller/host_link.hpp"

namespace controller {
namespace {

using systemd_units::BusError;

class LocalLink final : public HostLink {
public:
  explicit LocalLink(const config::Host& host) : host_(host) {}

  std::vector<UnitReading> read(std::span<const std::string> units) override {
    return guarded([&] {
      const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                               std::chrono::duration<double>(host_.command_timeout_s));
      auto reading = bus_.read(units, deadline);
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
    return guarded([&] { return bus_.change(request, units, deadline); });
  }

  std::string systemd_version() override {
    return guarded([&] { return bus_.systemd_version(); });
  }

private:
  template<typename Call>
  auto guarded(Call call) -> decltype(call()) {
    try {
      return call();
    } catch (const BusError& error) {
      throw HostError({FailureClass::connect, error.what(), ""});
    }
  }

  const config::Host& host_;
  systemd_units::Bus bus_;
};

} // namespace

std::unique_ptr<HostLink> link_local(const config::Host& host) {
  try {
    return std::make_unique<LocalLink>(host);
  } catch (const BusError& error) {
    throw HostError({FailureClass::connect, error.what(),
                     "this host has no `ssh` in the configuration, so it is this machine"});
  }
}

} // namespace controller
