#include "registry_core/wait_set.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace registry_core {

namespace {

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

} // namespace

WaitSet::WaitSet() : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  try {
    checked(epoll_, "epoll_create1");
    checked(wake_, "eventfd");
    add(wake_, Of::requests);
  } catch (...) {
    close(epoll_);
    close(wake_);
    throw;
  }
}

WaitSet::~WaitSet() {
  close(epoll_);
  close(wake_);
}

void WaitSet::add(int descriptor, Of of) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = static_cast<std::uint32_t>(of);
  checked(epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

bool WaitSet::wait(Nanos longest) {
  constexpr Nanos nanos_per_ms = 1'000'000;
  std::array<epoll_event, 16> events; // more than a registry has
  const int count =
      epoll_wait(epoll_, events.data(), events.size(), static_cast<int>(longest / nanos_per_ms));
  if (count < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll_wait");
  return std::any_of(events.begin(), events.begin() + std::max(count, 0), [](const epoll_event& event) {
    return event.data.u32 == static_cast<std::uint32_t>(Of::connections);
  });
}

void WaitSet::wake() noexcept {
  const std::uint64_t one = 1;
  // It fails only where the counter is full, and then the descriptor is readable anyway.
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
}

void WaitSet::forget_wake() noexcept {
  std::uint64_t count = 0;
  // It fails where nobody has woken it, and then there is nothing to forget.
  [[maybe_unused]] const auto got = read(wake_, &count, sizeof count);
}

} // namespace registry_core
