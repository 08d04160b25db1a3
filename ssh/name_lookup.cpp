#include "ssh/name_lookup.hpp"

#include <netdb.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

namespace ssh {

namespace {

struct AddrinfoDeleter {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

/// getaddrinfo(3); `flags` may hold AI_NUMERICHOST. The code is EAI_*.
std::pair<int, LookupResult> look_up(const std::string& name, std::uint16_t port, int family, int flags) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* raw = nullptr;
  const int code = ::getaddrinfo(name.c_str(), std::to_string(port).c_str(), &hints, &raw);
  const int error = errno;
  const std::unique_ptr<addrinfo, AddrinfoDeleter> list(raw);
  LookupResult result;
  if (code == EAI_SYSTEM)
    result.error = std::generic_category().message(error);
  else if (code != 0)
    result.error = ::gai_strerror(code);
  for (const auto* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
    Address address;
    address.size = entry->ai_addrlen;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    result.addresses.push_back(address);
  }
  return {code, std::move(result)};
}

/// Threads begun meanwhile take no signals: those are for the program's own threads.
class SignalsBlocked {
public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
  sigset_t before_{};
};

} // namespace

std::string numeric(const Address& address) {
  std::array<char, NI_MAXHOST> text{};
  if (::getnameinfo(reinterpret_cast<const sockaddr*>(&address.storage), address.size, text.data(),
                    text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
    return "?";
  return text.data();
}

Wakeup::Wakeup() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!fd_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Wakeup::signal() const noexcept {
  const std::uint64_t one = 1;
  (void)!::write(fd_.get(), &one, sizeof one);
}

void Wakeup::clear() const noexcept {
  std::uint64_t count = 0;
  (void)!::read(fd_.get(), &count, sizeof count);
}

NameLookup::NameLookup(const std::string& name, std::uint16_t port, int family,
                       std::shared_ptr<Wakeup> wakeup)
    : shared_(std::make_shared<Shared>()) {
  auto [code, numbers] = look_up(name, port, family, AI_NUMERICHOST);
  if (code != EAI_NONAME) {
    shared_->result = std::move(numbers);
    shared_->done = true;
    return;
  }
  const SignalsBlocked blocked;
  std::thread([shared = shared_, wakeup = std::move(wakeup), name, port, family] {
    LookupResult result;
    try {
      result = look_up(name, port, family, 0).second;
    } catch (const std::bad_alloc&) {
      result = {};
    }
    {
      const std::lock_guard lock(shared->mutex);
      shared->result = std::move(result);
      shared->done = true;
    }
    wakeup->signal();
  }).detach();
}

bool NameLookup::take(LookupResult& result) {
  const std::lock_guard lock(shared_->mutex);
  if (!shared_->done) return false;
  shared_->done = false;
  result = std::move(shared_->result);
  return true;
}

} // namespace ssh
