#include "ssh/jump_lane.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>

namespace ssh {

namespace {

constexpr std::size_t piece = 32768;

/// `Channel opening failure: channel 43 error (2) Connection refused`
Error refusal(std::string_view said, const std::string& hop, const std::string& to) {
  const auto code = said.find(" error (");
  const auto close = code == std::string_view::npos ? code : said.find(") ", code);
  const bool prohibited = code != std::string_view::npos && said.substr(code + 8, 2) == "1)";
  const auto why = one_line(close == std::string_view::npos ? said : said.substr(close + 2));
  return {ErrorClass::connect, "jump host " + hop + " can't reach " + to + ": " + why,
          prohibited ? "does the jump host allow forwarding (AllowTcpForwarding, PermitOpen)?" : "", hop};
}

} // namespace

bool JumpLane::step(const Connection& connection, const std::string& hop) {
  if (ended_) return false;
  if (!opened_) return open(connection, hop);
  const bool came = to_us();
  const bool went = !ended_ && to_host();
  return came || went;
}

bool JumpLane::open(const Connection& connection, const std::string& hop) {
  if (!channel_) channel_.reset(ssh_channel_new(connection.get()));
  if (!channel_) throw std::bad_alloc();
  const int result = ssh_channel_open_forward(channel_.get(), hostname_.c_str(), port_, "127.0.0.1", 65535);
  if (result == SSH_AGAIN) return false;
  if (result == SSH_OK) {
    opened_ = true;
    return true;
  }
  // A session that broke is told to all lanes at once.
  if (connection.alive())
    fail(refusal(ssh_get_error(connection.get()), hop, hostname_ + " port " + std::to_string(port_)));
  return true;
}

bool JumpLane::to_us() {
  if (!for_us_.empty()) return send_on();
  if (host_ended_) {
    ended_ = true;
    return true;
  }
  std::array<char, piece> bytes{};
  const int size = ssh_channel_read_nonblocking(channel_.get(), bytes.data(), bytes.size(), 0);
  if (size > 0) {
    for_us_.assign(bytes.data(), static_cast<std::size_t>(size));
    (void)send_on();
    return true;
  }
  host_ended_ = size == SSH_EOF || ssh_channel_is_eof(channel_.get()) != 0 ||
                ssh_channel_is_closed(channel_.get()) != 0;
  return host_ended_;
}

bool JumpLane::send_on() {
  const auto size = ::send(socket_.get(), for_us_.data(), for_us_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (size < 0 && errno != EAGAIN && errno != EINTR) ended_ = true;
  if (size <= 0) return ended_;
  for_us_.erase(0, static_cast<std::size_t>(size));
  return true;
}

bool JumpLane::to_host() {
  bool moved = false;
  if (for_host_.empty()) {
    std::array<char, piece> bytes{};
    const auto size = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (size <= 0) {
      ended_ = true;
      return true;
    }
    for_host_.assign(bytes.data(), static_cast<std::size_t>(size));
    moved = true;
  }
  const auto size = std::min(for_host_.size(), std::size_t{ssh_channel_window_size(channel_.get())});
  if (size == 0) return moved;
  const int written = ssh_channel_write(channel_.get(), for_host_.data(), static_cast<std::uint32_t>(size));
  if (written <= 0) return moved;
  for_host_.erase(0, static_cast<std::size_t>(written));
  return true;
}

pollfd JumpLane::poll_for() const noexcept {
  short events = 0;
  if (opened_ && for_host_.empty()) events |= POLLIN;
  if (!for_us_.empty()) events |= POLLOUT;
  return {socket_.get(), events, 0};
}

void JumpLane::polled(short events) noexcept {
  const bool gone = (events & (POLLHUP | POLLERR)) != 0;
  if (gone && (!opened_ || !for_host_.empty())) ended_ = true;
}

void JumpLane::fail(const Error& error) {
  failure_->set(error);
  ended_ = true;
}

} // namespace ssh
