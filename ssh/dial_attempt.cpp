#include "ssh/dial_attempt.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace ssh {

namespace {

constexpr std::string_view banner_begin = "SSH-";
constexpr std::size_t longest_line = 4096;      // of what a server may say before its banner
constexpr std::size_t longest_greeting = 65536; // all of it

void set(int fd, int level, int option, int value) noexcept {
  (void)::setsockopt(fd, level, option, &value, sizeof value);
}

/// A link that was cut shows within 15 s, whether we wait or write.
void tune(int fd) noexcept {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 5);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 4);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 2);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 14'000);
}

std::string reason(int error) {
  switch (error) {
  case ECONNREFUSED: return "connection refused";
  case ECONNRESET: return "connection reset";
  case EHOSTUNREACH: return "no route to host";
  case ENETUNREACH: return "network unreachable";
  case ETIMEDOUT: return "connection timed out";
  default: return std::generic_category().message(error);
  }
}

/// A line of the server's, fit for a message.
std::string presentable(std::string_view line) {
  std::string text(line.substr(0, 80));
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n'))
    text.pop_back();
  std::replace_if(
      text.begin(), text.end(), [](unsigned char byte) { return byte < ' ' || byte >= 0x7f; }, '?');
  return text;
}

} // namespace

DialAttempt::DialAttempt(const Address& address, std::uint16_t port)
    : name_(numeric(address) + " port " + std::to_string(port)),
      socket_(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  if (!socket_) {
    fail(ErrorClass::connect, reason(errno));
    return;
  }
  tune(socket_.get());
  const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(socket_.get(), to, address.size) != 0 && errno != EINPROGRESS)
    fail(ErrorClass::connect, reason(errno));
}

DialAttempt::DialAttempt(Stream tunnel, std::string name)
    : name_(std::move(name)), socket_(std::move(tunnel.socket)), tunnel_(std::move(tunnel.tunnel)),
      connected_(true) {}

short DialAttempt::events() const noexcept {
  return static_cast<short>(connected_ ? POLLIN : POLLOUT);
}

bool DialAttempt::advance() {
  if (!open() || (!connected_ && !finish_connecting())) return false;
  return read_banner();
}

bool DialAttempt::finish_connecting() {
  pollfd state{socket_.get(), POLLOUT, 0};
  if (::poll(&state, 1, 0) <= 0) return false;
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) {
    fail(ErrorClass::connect, reason(error));
    return false;
  }
  connected_ = true;
  return true;
}

/// The banner itself is only peeked at: libssh reads it. Lines before it (RFC 4253, section 4.2) are taken
/// away.
bool DialAttempt::read_banner() {
  for (;;) {
    std::array<char, longest_line> seen{};
    const auto size = ::recv(socket_.get(), seen.data(), seen.size(), MSG_PEEK);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (size < 0) {
      fail_closed(reason(errno));
      return false;
    }
    if (size == 0) {
      fail_closed("closed the connection");
      return false;
    }
    const auto before = skipped_;
    if (judge({seen.data(), static_cast<std::size_t>(size)})) return true;
    if (!open()) return false;
    if (skipped_ == before && !more_or_closed(static_cast<std::size_t>(size))) return false;
    if (!open()) return false;
  }
}

/// After a line that is not whole: true where more has come meanwhile; the peer's end is a failure.
bool DialAttempt::more_or_closed(std::size_t seen) {
  int available = 0;
  pollfd state{socket_.get(), POLLRDHUP, 0};
  if (::poll(&state, 1, 0) <= 0) return false;
  if (::ioctl(socket_.get(), FIONREAD, &available) == 0 && static_cast<std::size_t>(available) > seen)
    return true;
  fail_closed("closed the connection");
  return false;
}

/// Looks at what has come: true for a banner; whole lines that are none are skipped.
bool DialAttempt::judge(std::string_view seen) {
  if (seen.substr(0, banner_begin.size()) == banner_begin) {
    wait_for_more_than(0);
    return true;
  }
  const auto line_end = seen.find('\n');
  if (line_end == std::string_view::npos) {
    if (seen.size() >= longest_line) fail(ErrorClass::connect, "does not speak SSH");
    wait_for_more_than(seen.size());
    return false;
  }
  greeting_ = presentable(seen.substr(0, line_end));
  skip(line_end + 1);
  return false;
}

void DialAttempt::skip(std::size_t size) {
  std::array<char, longest_line> bytes{};
  if (::recv(socket_.get(), bytes.data(), size, 0) != static_cast<ssize_t>(size))
    return fail(ErrorClass::connect, "connection failed");
  wait_for_more_than(0);
  skipped_ += size;
  if (skipped_ > longest_greeting) fail(ErrorClass::connect, "does not speak SSH");
}

/// What was peeked at stays in the socket: without this poll() would report it again and again.
void DialAttempt::wait_for_more_than(std::size_t size) const noexcept {
  if (socket_) set(socket_.get(), SOL_SOCKET, SO_RCVLOWAT, static_cast<int>(size + 1));
}

void DialAttempt::fail(ErrorClass error_class, std::string text) {
  error_class_ = error_class;
  failure_ = std::move(text);
  socket_ = UniqueFd();
}

void DialAttempt::fail_closed(const std::string& how) {
  if (tunnel_) tunnel_failure_ = tunnel_->failure();
  if (tunnel_failure_) return fail(tunnel_failure_->error_class(), tunnel_failure_->what());
  auto text = how + " before it said SSH";
  if (!greeting_.empty()) text += ", but \"" + greeting_ + "\"";
  fail(ErrorClass::busy, text);
}

std::string DialAttempt::text() const {
  if (!open()) return name_ + ": " + failure_;
  if (!connected_) return "no answer from " + name_;
  if (tunnel_ && greeting_.empty()) return "no SSH from " + name_;
  if (greeting_.empty()) return name_ + " accepts but never speaks SSH";
  return name_ + " says \"" + greeting_ + "\" but never speaks SSH";
}

} // namespace ssh
