#include "cli/service_manager.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <ctime>

namespace cli {

ServiceManager::ServiceManager() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) > 0)
    interval_ = std::chrono::duration_cast<Clock::duration>(std::chrono::microseconds(microseconds)) / 2;
}

void ServiceManager::ready(const std::string& status) {
  ::sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
  said_ = Clock::now();
}

void ServiceManager::reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  constexpr std::uint64_t a_second = 1'000'000;
  const auto microseconds =
      static_cast<std::uint64_t>(now.tv_sec) * a_second + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
  ::sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds)).c_str());
}

void ServiceManager::stopping() {
  ::sd_notify(0, "STOPPING=1\nSTATUS=answering what is still under way");
}

void ServiceManager::alive() {
  if (!interval_ || Clock::now() - said_ < *interval_) return;
  ::sd_notify(0, "WATCHDOG=1");
  said_ = Clock::now();
}

} // namespace cli
