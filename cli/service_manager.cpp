#include "cli/service_manager.hpp"

#include "cli/listen_at.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <utility>

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

struct Passed {
  std::string address;
  int descriptor;
  std::string name; ///< of FDNAME
};

constexpr std::string_view kept = "kept ";

/// What a socket at this address is called among those that are kept: without a colon, which FDNAME may not
/// have.
std::string kept_name(const std::string& address) {
  std::string name = std::string(kept) + address;
  std::replace(name.begin(), name.end(), ':', ' ');
  return name;
}

std::vector<Passed> passed_sockets() {
  std::vector<Passed> sockets;
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &names);
  for (int at = 0; at < count; ++at) {
    const int descriptor = SD_LISTEN_FDS_START + at;
    sockets.push_back({listens_at(descriptor), descriptor, names[at]});
    std::free(names[at]);
  }
  std::free(static_cast<void*>(names));
  return sockets;
}

bool among(const std::vector<std::string>& endpoints, const std::string& address) {
  return std::any_of(endpoints.begin(), endpoints.end(),
                     [&](const auto& one) { return registry_core::listens_there(address, one); });
}

/// Before anything else is bound: an address that is given up may be in the way of a new one.
void give_up_others(std::vector<Passed>& passed, const std::vector<std::string>& endpoints) {
  constexpr std::uint64_t longest_us = 5'000'000;
  const auto others = std::stable_partition(passed.begin(), passed.end(), [&](const Passed& one) {
    return !one.name.starts_with(kept) || among(endpoints, one.address);
  });
  if (others == passed.end()) return;
  for (auto one = others; one != passed.end(); ++one) {
    ::sd_notify(0, ("FDSTOREREMOVE=1\nFDNAME=" + one->name).c_str());
    ::close(one->descriptor);
  }
  passed.erase(others, passed.end());
  ::sd_notify_barrier(0, longest_us);
}

void add_kept(std::vector<Passed>& passed, const std::vector<std::string>& endpoints) {
  for (const auto& endpoint : endpoints) {
    // Beside an IPv6 address `*` is both families, and libzmq's to bind.
    const bool both = std::any_of(endpoints.begin(), endpoints.end(),
                                  [](const auto& one) { return one.find('[') != std::string::npos; });
    if (both && endpoint.find("//*:") != std::string::npos) continue;
    if (std::any_of(passed.begin(), passed.end(),
                    [&](const auto& one) { return registry_core::listens_there(one.address, endpoint); }))
      continue;
    const auto descriptor = listen_at(endpoint);
    if (!descriptor) continue;
    std::string address = listens_at(*descriptor);
    std::string name = kept_name(address);
    ::sd_pid_notify_with_fds(0, 0, ("FDSTORE=1\nFDNAME=" + name).c_str(), &*descriptor, 1);
    passed.push_back({std::move(address), *descriptor, std::move(name)});
  }
}

} // namespace

ServiceManager::ServiceManager() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) > 0)
    interval_ = std::chrono::duration_cast<Clock::duration>(std::chrono::microseconds(microseconds)) / 2;
}

registry_core::ListeningSockets ServiceManager::listening_sockets(const std::vector<std::string>& endpoints) {
  auto passed = passed_sockets();
  give_up_others(passed, endpoints);
  const bool asked = std::getenv("NOTIFY_SOCKET") != nullptr; // NOLINT(concurrency-mt-unsafe)
  if (asked) add_kept(passed, endpoints);
  registry_core::ListeningSockets sockets;
  for (auto& one : passed)
    sockets.add(std::move(one.address), one.descriptor);
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
