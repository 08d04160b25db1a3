#include "cli/service_manager.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include <array>
#include <cstdint>
#include <ctime>

namespace cli {
namespace {

/// As ListeningSockets names it; for what is no listening stream socket, what it is to be called in a
/// warning.
std::string listens_at(int descriptor) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  if (::sd_is_socket(descriptor, AF_UNSPEC, SOCK_STREAM, 1) <= 0 ||
      ::getsockname(descriptor, address, &size) != 0)
    return "descriptor " + std::to_string(descriptor);
  if (address->sa_family == AF_UNIX)
    return std::string("ipc://") + reinterpret_cast<sockaddr_un*>(address)->sun_path;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (::getnameinfo(address, size, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "descriptor " + std::to_string(descriptor);
  const bool six = address->sa_family == AF_INET6;
  return std::string("tcp://") + (six ? "[" : "") + host.data() + (six ? "]:" : ":") + port.data();
}

} // namespace

ServiceManager::ServiceManager() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) > 0)
    interval_ = std::chrono::duration_cast<Clock::duration>(std::chrono::microseconds(microseconds)) / 2;
}

registry_core::ListeningSockets ServiceManager::passed_sockets() {
  registry_core::ListeningSockets sockets;
  const int count = ::sd_listen_fds(1);
  for (int descriptor = SD_LISTEN_FDS_START; descriptor < SD_LISTEN_FDS_START + count; ++descriptor)
    sockets.add(listens_at(descriptor), descriptor);
  return sockets;
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
